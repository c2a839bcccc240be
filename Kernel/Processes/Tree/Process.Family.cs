using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// Children, and threads coming and going.
public sealed partial class Process
{
    /// <summary><see cref="LeaderStatus"/> is set.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal bool HasLeaderStatus { get; set; }

    /// <summary>The real user id, for who holds locks: of the first thread, or the last one.</summary>
    internal uint UserIdLocked => ProcessId.Thread is { } leader ? leader.Credentials.UserId : Volatile.Read(ref _lastUserId);

    /// <summary>Makes a process a child. It is nobody's.</summary>
    /// <param name="child">The child.</param>
    /// <param name="thread">The thread that made it, or that takes it over; null when there is none left.</param>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void AddChild(Process child, UserThread? thread)
    {
        child.Parent = this;
        child.ParentThread = thread;
        if (thread is not null)
        {
            thread.Children++;
        }

        child.PreviousSibling = null;
        child.NextSibling = FirstChild;
        if (FirstChild is { } first)
        {
            first.PreviousSibling = child;
        }

        FirstChild = child;
    }

    /// <summary>Takes a child away; it keeps the reference to its parent.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void RemoveChild(Process child)
    {
        if (child.ParentThread is { } thread)
        {
            thread.Children--;
            child.ParentThread = null;
        }

        if (child.PreviousSibling is { } previous)
        {
            previous.NextSibling = child.NextSibling;
        }
        else
        {
            FirstChild = child.NextSibling;
        }

        if (child.NextSibling is { } next)
        {
            next.PreviousSibling = child.PreviousSibling;
        }

        child.NextSibling = null;
        child.PreviousSibling = null;
    }

    /// <summary>A new thread is one of it now.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void AddThread(UserThread thread)
    {
        thread.PreviousInProcess = null;
        thread.NextInProcess = FirstThread;
        if (FirstThread is { } first)
        {
            first.PreviousInProcess = thread;
        }

        FirstThread = thread;
        ThreadCount++;
        LiveThreads++;
    }

    /// <summary>A thread has left it.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void RemoveThread(UserThread thread)
    {
        if (thread.PreviousInProcess is { } previous)
        {
            previous.NextInProcess = thread.NextInProcess;
        }
        else
        {
            FirstThread = thread.NextInProcess;
        }

        if (thread.NextInProcess is { } next)
        {
            next.PreviousInProcess = thread.PreviousInProcess;
        }

        if (ReferenceEquals(NextReceiver, thread))
        {
            NextReceiver = thread.NextInProcess;
        }

        thread.NextInProcess = null;
        thread.PreviousInProcess = null;
        thread.HasLeft = true;
        ThreadCount--;
    }
}
