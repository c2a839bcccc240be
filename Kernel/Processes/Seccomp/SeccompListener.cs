using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>
/// What stands between threads whose filter answers SECCOMP_RET_USER_NOTIF and who has the filter's descriptor (seccomp_unotify(2)): the calls that wait for a decision. The descriptor is a
/// <see cref="SeccompListenerFile"/>; when it is closed all calls give ENOSYS. Task context.
/// </summary>
public sealed class SeccompListener
{
    internal SpinLock Lock = new(LockClass.SeccompListener);

    private readonly bool _waitsKillable;

    [GuardedBy(nameof(Lock))]
    private SeccompNotification? _first;

    [GuardedBy(nameof(Lock))]
    private ulong _nextId;

    [GuardedBy(nameof(Lock))]
    private bool _isClosed;

    [Atomic]
    private int _threads;

    /// <summary>Makes one.</summary>
    /// <param name="firstId">The number of the first notification.</param>
    /// <param name="waitsKillable">A call that was read waits on whatever signals come, but one that kills (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV).</param>
    public SeccompListener(ulong firstId, bool waitsKillable)
    {
        _nextId = firstId;
        _waitsKillable = waitsKillable;
    }

    /// <summary>Who waits for calls.</summary>
    internal PollQueue Readers { get; } = new("seccomp listener");

    /// <summary>One more thread has the filter. Any context.</summary>
    [NoAllocation]
    internal void AddThread() => Interlocked.Increment(ref _threads);

    /// <summary>One less: after the last one no call can come. Any context but NMI.</summary>
    [NoAllocation]
    internal void RemoveThread()
    {
        if (Interlocked.Decrement(ref _threads) == 0)
        {
            Readers.WakeAll(PollEvents.HangUp);
        }
    }

    /// <summary>What poll(2) says.</summary>
    internal PollEvents State
    {
        get
        {
            PollEvents events = Volatile.Read(ref _threads) == 0 ? PollEvents.HangUp : PollEvents.None;
            using (Lock.Enter())
            {
                for (SeccompNotification? call = _first; call is not null; call = call.Next)
                {
                    events |= call.State switch
                    {
                        SeccompNotificationState.Waiting => PollEvents.Readable,
                        SeccompNotificationState.Received => PollEvents.Writable,
                        _ => PollEvents.None,
                    };
                }
            }

            return events;
        }
    }

    /// <summary>The running thread's call waits for the decision.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="data">The call.</param>
    /// <param name="result">What the call gives, if it is not made.</param>
    /// <returns>True: it is to be made after all.</returns>
    [MightSleep]
    internal bool Ask(UserThread thread, ReadOnlySpan<uint> data, out long result)
    {
        // The number is given below; the object is made without the lock.
        SeccompNotification call;
        ulong id;
        using (Lock.Enter())
        {
            id = _nextId++;
        }

        call = new SeccompNotification(id, thread, data);
        using (Lock.Enter())
        {
            if (_isClosed)
            {
                result = -(long)Errno.ENOSYS;
                return false;
            }

            // The oldest first.
            if (_first is null)
            {
                _first = call;
            }
            else
            {
                SeccompNotification last = _first;
                while (last.Next is { } next)
                {
                    last = next;
                }

                last.Next = call;
            }
        }

        Readers.Wake(PollEvents.Readable);
        bool answered = WaitForAnswer(call);
        bool continues;
        using (Lock.Enter())
        {
            answered |= call.State == SeccompNotificationState.Answered;
            continues = answered && call.Continues;
            result = !answered ? -(long)Errno.ERESTARTSYS : call.Error != 0 ? call.Error : call.Value;
            Remove(call);
            for (SeccompDescriptor? left = call.FirstDescriptor; left is not null; left = left.Next)
            {
                left.Result = -(long)Errno.ESRCH;
                left.IsDone = true;
            }

            call.FirstDescriptor = null;
        }

        call.Changed.WakeAll();
        return continues;
    }

    /// <summary>Takes the oldest call that nobody has read; waits for one.</summary>
    /// <returns>Null: a signal came.</returns>
    [MightSleep]
    internal SeccompNotification? Receive()
    {
        using WaitQueue.Wait wait = Readers.Begin();
        while (true)
        {
            wait.Prepare();
            if (TryReceive() is { } call)
            {
                return call;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return null;
            }
        }
    }

    /// <summary>Who read the call could not keep it: it waits again.</summary>
    internal void PutBack(SeccompNotification call)
    {
        using (Lock.Enter())
        {
            if (call.State == SeccompNotificationState.Received)
            {
                call.State = SeccompNotificationState.Waiting;
            }
        }

        Readers.Wake(PollEvents.Readable);
    }

    /// <summary>Answers a call that was read.</summary>
    /// <returns>ENOENT: there is none. EINPROGRESS: it was not read, or has an answer.</returns>
    internal Errno Answer(ulong id, long value, int error, bool continues)
    {
        SeccompNotification? call;
        using (Lock.Enter())
        {
            call = Find(id);
            if (call is null)
            {
                return Errno.ENOENT;
            }

            if (call.State != SeccompNotificationState.Received)
            {
                return Errno.EINPROGRESS;
            }

            call.Value = value;
            call.Error = error;
            call.Continues = continues;
            call.State = SeccompNotificationState.Answered;
        }

        call.Changed.WakeAll();
        return Errno.Ok;
    }

    /// <summary>There is such a call, it was read and has no answer.</summary>
    internal bool IsReceived(ulong id)
    {
        using (Lock.Enter())
        {
            return Find(id) is { State: SeccompNotificationState.Received };
        }
    }

    /// <summary>Gives the thread of a call a descriptor, and waits until it has it.</summary>
    /// <returns>The number in the thread's table, or ENOENT, EINPROGRESS, EBUSY, ESRCH, EINTR, EMFILE, EBADF, negative.</returns>
    [MightSleep]
    internal long Give(ulong id, SeccompDescriptor descriptor)
    {
        SeccompNotification? call;
        using (Lock.Enter())
        {
            call = Find(id);
            if (call is null)
            {
                return -(long)Errno.ENOENT;
            }

            if (call.State != SeccompNotificationState.Received)
            {
                return -(long)Errno.EINPROGRESS;
            }

            if (descriptor.Answers)
            {
                // With others under way it is not clear what the answer is to be.
                if (call.FirstDescriptor is not null)
                {
                    return -(long)Errno.EBUSY;
                }

                call.State = SeccompNotificationState.Answered;
            }

            SeccompDescriptor? last = call.FirstDescriptor;
            while (last is { Next: { } next })
            {
                last = next;
            }

            if (last is null)
            {
                call.FirstDescriptor = descriptor;
            }
            else
            {
                last.Next = descriptor;
            }
        }

        call.Changed.WakeAll();
        bool woken = WaitUntilDone(call, descriptor);
        using (Lock.Enter())
        {
            if (!descriptor.IsDone && !woken && TryWithdraw(call, descriptor))
            {
                return -(long)Errno.EINTR;
            }
        }

        // The thread is at it: that does not take long.
        WaitUntilDone(call, descriptor, WaitMode.Uninterruptible);
        using (Lock.Enter())
        {
            return descriptor.Result;
        }
    }

    /// <summary>Nobody has the descriptor any more: every call gives ENOSYS from now on.</summary>
    internal void Close()
    {
        SeccompNotification? call;
        using (Lock.Enter())
        {
            _isClosed = true;
            for (call = _first; call is not null; call = call.Next)
            {
                if (call.State != SeccompNotificationState.Answered)
                {
                    call.State = SeccompNotificationState.Answered;
                    call.Error = -(int)Errno.ENOSYS;
                }
            }
        }

        // Those that come to an end meanwhile leave the list; the others are woken, each one.
        while (true)
        {
            using (Lock.Enter())
            {
                call = _first;
                _first = call?.Next;
                if (call is not null)
                {
                    call.Next = null;
                }
            }

            if (call is null)
            {
                return;
            }

            call.Changed.WakeAll();
        }
    }

    // True: there is an answer. False: a signal came first.
    [MightSleep]
    private bool WaitForAnswer(SeccompNotification call)
    {
        while (true)
        {
            bool interrupted = !WaitForNews(call);
            while (TryTakeDescriptor(call, out SeccompDescriptor? descriptor))
            {
                Install(call, descriptor!);
            }

            if (call.State == SeccompNotificationState.Answered)
            {
                return true;
            }

            if (interrupted)
            {
                return false;
            }
        }
    }

    [MightSleep]
    private bool WaitForNews(SeccompNotification call)
    {
        SeccompNotificationState before = call.State;
        bool killable = _waitsKillable && before == SeccompNotificationState.Received;
        using WaitQueue.Wait wait = call.Changed.Begin(mode: killable ? WaitMode.Killable : WaitMode.Interruptible);
        while (true)
        {
            wait.Prepare();
            if (call.State == SeccompNotificationState.Answered || call.FirstDescriptor is not null || (_waitsKillable && call.State != before))
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return false;
            }
        }
    }

    [MightSleep]
    private static bool WaitUntilDone(SeccompNotification call, SeccompDescriptor descriptor, WaitMode mode = WaitMode.Interruptible)
    {
        using WaitQueue.Wait wait = call.Changed.Begin(mode: mode);
        while (true)
        {
            wait.Prepare();
            if (descriptor.IsDone)
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return false;
            }
        }
    }

    private bool TryTakeDescriptor(SeccompNotification call, out SeccompDescriptor? descriptor)
    {
        using (Lock.Enter())
        {
            descriptor = call.FirstDescriptor;
            call.FirstDescriptor = descriptor?.Next;
        }

        return descriptor is not null;
    }

    // In the thread of the call.
    [MightSleep]
    private void Install(SeccompNotification call, SeccompDescriptor descriptor)
    {
        FileTable files = call.Thread.Files!;
        descriptor.File.AddReference();
        long result = descriptor.IsFixed
            ? files.Replace(descriptor.Descriptor, descriptor.File, descriptor.ClosesOnExec)
            : files.Add(descriptor.File, descriptor.ClosesOnExec);
        using (Lock.Enter())
        {
            descriptor.Result = result;
            descriptor.IsDone = true;
            if (descriptor.Answers && result >= 0)
            {
                call.Value = result;
            }
            else if (descriptor.Answers)
            {
                call.State = _isClosed ? SeccompNotificationState.Answered : SeccompNotificationState.Received;
                call.Error = _isClosed ? -(int)Errno.ENOSYS : 0;
            }
        }

        call.Changed.WakeAll();
    }

    [RequiresLock(nameof(Lock))]
    private static bool TryWithdraw(SeccompNotification call, SeccompDescriptor descriptor)
    {
        SeccompDescriptor? before = null;
        for (SeccompDescriptor? at = call.FirstDescriptor; at is not null; before = at, at = at.Next)
        {
            if (ReferenceEquals(at, descriptor))
            {
                if (before is null)
                {
                    call.FirstDescriptor = at.Next;
                }
                else
                {
                    before.Next = at.Next;
                }

                if (descriptor.Answers && call.State == SeccompNotificationState.Answered)
                {
                    call.State = SeccompNotificationState.Received;
                }

                return true;
            }
        }

        return false;
    }

    private SeccompNotification? TryReceive()
    {
        SeccompNotification? call;
        using (Lock.Enter())
        {
            call = _first;
            while (call is not null && call.State != SeccompNotificationState.Waiting)
            {
                call = call.Next;
            }

            if (call is null)
            {
                return null;
            }

            call.State = SeccompNotificationState.Received;
        }

        if (_waitsKillable)
        {
            call.Changed.WakeAll();
        }

        Readers.Wake(PollEvents.Writable);
        return call;
    }

    [RequiresLock(nameof(Lock))]
    private SeccompNotification? Find(ulong id)
    {
        SeccompNotification? call = _first;
        while (call is not null && call.Id != id)
        {
            call = call.Next;
        }

        return call;
    }

    [RequiresLock(nameof(Lock))]
    private void Remove(SeccompNotification call)
    {
        if (ReferenceEquals(_first, call))
        {
            _first = call.Next;
            return;
        }

        for (SeccompNotification? at = _first; at is not null; at = at.Next)
        {
            if (ReferenceEquals(at.Next, call))
            {
                at.Next = call.Next;
                return;
            }
        }
    }
}
