using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>
/// Says what a task waits for in .NET's terms: <c>Monitor.Enter</c>, <c>SemaphoreSlim.Wait</c>, <c>Thread.Join</c>. All of CoreLib's waits arrive in the kernel as a sleep on a
/// condition variable; what the code called is on the sleeping task's stack. It is read when somebody asks, so waiting itself costs nothing more.
/// </summary>
public static class ManagedWait
{
    /// <summary>Wait channel of a task in a .NET wait.</summary>
    internal const string Channel = ".NET wait";

    /// <summary>Wait channel of a task that wants the lock inside one of CoreLib's own monitors.</summary>
    internal const string LockChannel = ".NET monitor";

    private const int MaximumFrames = 64;

    // CoreLib's inner methods that do not carry the name of the call in front of them, which is inlined or jumps to them.
    private static readonly FrozenDictionary<string, string> s_publicNames = new Dictionary<string, string>
    {
        ["Lock.TryEnterSlow"] = "Lock.Enter",
        ["Lock.EnterAndGetCurrentThreadId"] = "Lock.Enter",
        ["Condition.Wait"] = "Monitor.Wait",
        ["Monitor.TryEnter"] = "Monitor.Enter",
        ["Task.SpinThenBlockingWait"] = "Task.Wait",
        ["Task.GetResult"] = "Task.Wait",
        ["Task.get_Result"] = "Task.Result",
        ["TaskAwaiter.HandleNonSuccessAndDebuggerNotification"] = "Task.Wait",
        ["TaskAwaiter.GetResult"] = "Task.Wait",
        ["WaitHandle.WaitOneNoCheck"] = "WaitHandle.WaitOne",
        ["WaitHandle.WaitMultipleIgnoringSyncContext"] = "WaitHandle.WaitAny",
        ["WaitHandle.WaitMultiple"] = "WaitHandle.WaitAny",
        ["WaitSubsystem.Sleep"] = "Thread.Sleep",
        ["WorkerThread.WorkerThreadStart"] = "ThreadPool",
        ["GateThread.GateThreadStart"] = "ThreadPool gate",
        ["WaitThread.WaitThreadStart"] = "ThreadPool wait",
        ["TimerQueue.TimerThread"] = "Timer",
    }.ToFrozenDictionary();

    [Immutable]
    private static readonly string[] s_innerEndings = ["NoCheck", "Slow", "Core", "Internal"];

    /// <summary>What the task waits for: <see cref="TaskStruct.WaitChannel"/>, and for a wait of .NET the method that was called. Empty if it runs. Task context; allocates.</summary>
    public static string Describe(TaskStruct task)
    {
        string channel = task.WaitChannel;
        if (!ReferenceEquals(channel, Channel) && !ReferenceEquals(channel, LockChannel))
        {
            return channel;
        }

        Span<ulong> addresses = stackalloc ulong[MaximumFrames];
        int count = Capture(task, addresses);
        return FindCall(addresses[..count]) ?? channel;
    }

    /// <summary>Reads the stack of a sleeping task. Task context.</summary>
    /// <param name="task">The task.</param>
    /// <param name="addresses">Gets an address inside the call of each frame, from the inside out.</param>
    /// <returns>How many frames; 0 if the task runs or waits for a CPU.</returns>
    [NoAllocation]
    public static int Capture(TaskStruct task, Span<ulong> addresses)
    {
        // Nobody wakes a task whose wake lock is held, so one that has left its queue and its CPU keeps its stack.
        using (task.WakeLock.Enter())
        {
            bool asleep = task.State is (TaskState.Interruptible or TaskState.Killable or TaskState.Uninterruptible) && !task.IsQueued && !task.IsOnCpu;
            return asleep ? CodeNames.CaptureStack(task.Thread, addresses) : 0;
        }
    }

    // The outermost .NET method before the code that called it: first come the kernel's frames, then .NET's, then the caller's.
    private static string? FindCall(ReadOnlySpan<ulong> addresses)
    {
        string? call = null;
        foreach (ulong address in addresses)
        {
            bool dotNet = CodeNames.TryFind(address, out string type, out string method) && IsDotNet(type);
            if (dotNet)
            {
                call = Shorten(type, method, call);
            }
            else if (call is not null)
            {
                break;
            }
        }

        return call;
    }

    private static bool IsDotNet(string type) => type.StartsWith("System.", StringComparison.Ordinal) || type.StartsWith("Internal.", StringComparison.Ordinal)
        || type.StartsWith("Microsoft.", StringComparison.Ordinal) || type.StartsWith("Interop", StringComparison.Ordinal);

    private static string Shorten(string type, string method, string? inner)
    {
        // Threads begin here: what they wait for has been seen.
        if (inner is not null && method is "StartThread" or "ThreadEntryPoint" or "Run" or "StartCallback" && type.StartsWith("System.Threading.Thread", StringComparison.Ordinal))
        {
            return inner!;
        }

        string name = $"{LastPart(type)}.{Bare(method)}";
        if (s_publicNames.TryGetValue(name, out string? known))
        {
            return known;
        }

        foreach (string ending in s_innerEndings)
        {
            if (name.EndsWith(ending, StringComparison.Ordinal) && name[^(ending.Length + 1)] != '.')
            {
                name = name[..^ending.Length];
            }
        }

        return name.Replace(".Internal", ".", StringComparison.Ordinal);
    }

    private static string LastPart(string type)
    {
        string bare = Bare(type);
        return bare[(bare.LastIndexOfAny(['.', '+', '/']) + 1)..];
    }

    // Without generic arguments.
    private static string Bare(string name)
    {
        int end = name.AsSpan().IndexOfAny('<', '`', '[');
        return end > 0 ? name[..end] : name;
    }
}
