using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// Sending, with the signal lock held: what a signal does at once, whether it is queued, and which thread it wakes.
public sealed partial class Process
{
    /// <summary>How a signal was sent.</summary>
    internal enum Sent
    {
        /// <summary>It was, or there was nothing to do.</summary>
        Done,

        /// <summary>Nothing was done: there is no entry for it. With one, again.</summary>
        NeedsEntry,

        /// <summary>Nothing was done: the user has as many queued signals as allowed.</summary>
        Refused,
    }

    /// <summary>Sends a signal.</summary>
    /// <param name="info">What is known of it.</param>
    /// <param name="thread">The thread that it is for; null for any.</param>
    /// <param name="entry">A new entry; null takes one from the stock. Null afterwards if it was used.</param>
    /// <param name="mayAsk">Without an entry nothing is done; otherwise what is known of the signal is lost.</param>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal Sent Send(in SignalInfo info, UserThread? thread, ref QueuedSignal? entry, bool mayAsk)
    {
        int signal = info.Number;
        if (FirstThread is null || thread is { HasLeft: true } || !Prepare(signal, thread))
        {
            return Sent.Done;
        }

        PendingSignals pending = thread is null ? Pending : thread.Pending;
        if (signal < Signal.SIGRTMIN && pending.Set.Contains(signal))
        {
            return Sent.Done;
        }

        if (signal == Signal.SIGKILL)
        {
            pending.Add(signal);
        }
        else
        {
            Sent sent = Queue(info, pending, thread ?? FirstThread, ref entry, mayAsk);
            if (sent != Sent.Done)
            {
                return sent;
            }
        }

        WakeReceiver(signal, thread);
        return Sent.Done;
    }

    /// <summary>Queues a timer's signal, which brings its own entry and has been claimed for a queue.</summary>
    /// <returns>False: it is ignored, and in no queue.</returns>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal bool SendTimer(TimerSignal entry, UserThread? thread)
    {
        if (FirstThread is null || thread is { HasLeft: true } || !Prepare(entry.Info.Number, thread))
        {
            return false;
        }

        (thread is null ? Pending : thread.Pending).Add(entry);
        WakeReceiver(entry.Info.Number, thread);
        return true;
    }

    /// <summary>All threads must end. Does nothing when that is so already.</summary>
    /// <param name="status">The status of the process as wait(2) gives it.</param>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void End(int status)
    {
        if (IsEnding)
        {
            return;
        }

        IsEnding = true;
        EndStatus = status;
        StopCount = 0;
        for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
        {
            Kill(thread);
        }
    }

    /// <summary>One thread must end, because all must or because another one executes a program.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Kill(UserThread thread)
    {
        thread.StopPending = false;
        thread.IsStopped = false;
        if (!thread.IsLeaving)
        {
            thread.Pending.Add(Signal.SIGKILL);
            thread.RequestAttention(kill: true);
        }
    }

    /// <summary>Signals that wait for any thread, and that one thread does not take any more, are taken by others.</summary>
    /// <param name="except">That thread.</param>
    /// <param name="set">The signals.</param>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Retarget(UserThread except, SignalSet set)
    {
        SignalSet left = Pending.Set & set;
        for (UserThread? thread = FirstThread; thread is not null && !left.IsEmpty; thread = thread.NextInProcess)
        {
            if (!ReferenceEquals(thread, except) && !thread.IsLeaving && !left.Without(thread.Blocked).IsEmpty)
            {
                left &= thread.Blocked;
                thread.RequestAttention(kill: false);
            }
        }
    }

    /// <summary>Forgets waiting signals of a set.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Flush(SignalSet set)
    {
        Flush(Pending, set);
        for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
        {
            Flush(thread.Pending, set);
        }
    }

    /// <summary>Forgets waiting signals of a set in one queue.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Flush(PendingSignals pending, SignalSet set)
    {
        while (pending.Flush(set) is { } entry)
        {
            Discard(entry);
        }
    }

    /// <summary>An entry has left its queue: back to its timer or into the stock.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Discard(QueuedSignal entry)
    {
        entry.Account?.RemoveSignal();
        entry.Account = null;
        if (entry is TimerSignal timer)
        {
            timer.Unclaim();
        }
        else
        {
            PutStock(entry);
        }
    }

    // What a signal does when it is sent, and whether it is to be kept at all.
    [RequiresLock(nameof(SignalLock))]
    private bool Prepare(int signal, UserThread? thread)
    {
        if (IsEnding)
        {
            // All threads end anyway.
            return signal == Signal.SIGKILL;
        }

        if (SignalSet.Stopping.Contains(signal))
        {
            Flush(SignalSet.Of(Signal.SIGCONT));
        }
        else if (signal == Signal.SIGCONT)
        {
            Flush(SignalSet.Stopping);
            Continue();
        }

        return !IsIgnored(signal, thread ?? FirstThread!);
    }

    // A blocked signal is kept, since its action may change before it is unblocked.
    [RequiresLock(nameof(SignalLock))]
    private bool IsIgnored(int signal, UserThread thread)
    {
        if ((thread.Blocked | thread.RealBlocked).Contains(signal))
        {
            return false;
        }

        SignalHandlers handlers = Handlers;
        if (handlers.Ignored.Contains(signal))
        {
            return true;
        }

        return !handlers.Handled.Contains(signal) && (IsProtected || SignalSet.IgnoredByDefault.Contains(signal));
    }

    // Whatever SIGCONT's action is: a stopped process goes on, a stop under way does not happen (signal(7)).
    [RequiresLock(nameof(SignalLock))]
    private void Continue()
    {
        bool wasStopped = IsStopped;
        bool wasStopping = !wasStopped && StopCount > 0;
        for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
        {
            thread.StopPending = false;
            thread.StopTaken = false;
            thread.IsStopped = false;
        }

        if (wasStopped || wasStopping)
        {
            // The parent is told by the first thread that goes on: who sends may hold locks that come after the tree's.
            ParentNews = wasStopped ? SignalCode.CLD_CONTINUED : SignalCode.CLD_STOPPED;
            WasContinued = wasStopped;
            IsStopped = false;
            StopCount = 0;
            StopSignal = wasStopped ? 0 : StopSignal;
            FirstThread?.RequestAttention(kill: false);
        }

        Continued.WakeAll();
    }

    [RequiresLock(nameof(SignalLock))]
    private Sent Queue(in SignalInfo info, PendingSignals pending, UserThread receiver, ref QueuedSignal? entry, bool mayAsk)
    {
        int signal = info.Number;

        // A program that queues must know whether it could; the kernel and kill(2) send the signal in any case.
        bool mustQueue = signal >= Signal.SIGRTMIN && info.Code != SignalCode.SI_USER;
        bool isUnlimited = signal < Signal.SIGRTMIN && info.Code >= 0;
        UserAccount account = receiver.Account;
        if (!account.TryAddSignal(isUnlimited ? ulong.MaxValue : Limits.Current(ResourceLimit.RLIMIT_SIGPENDING)))
        {
            if (mustQueue)
            {
                return Sent.Refused;
            }

            pending.Add(signal);
            return Sent.Done;
        }

        QueuedSignal? used = TakeStock();
        if (used is null)
        {
            used = entry;
            entry = null;
        }

        if (used is null)
        {
            account.RemoveSignal();
            if (mayAsk)
            {
                return Sent.NeedsEntry;
            }

            if (mustQueue)
            {
                return Sent.Refused;
            }

            pending.Add(signal);
            return Sent.Done;
        }

        used.Info = info;
        used.Account = account;
        pending.Add(used);
        return Sent.Done;
    }

    [RequiresLock(nameof(SignalLock))]
    private void WakeReceiver(int signal, UserThread? thread)
    {
        TellSignalReaders();
        UserThread? receiver = thread is null ? ChooseReceiver(signal) : Wants(thread, signal) ? thread : null;
        if (receiver is null)
        {
            // Blocked by all, or seen by whoever looks at its signals next.
            return;
        }

        if (IsFatal(signal, receiver))
        {
            End(signal);
            return;
        }

        receiver.RequestAttention(kill: signal == Signal.SIGKILL);
    }

    // The first thread if it takes it; otherwise all in turn.
    [RequiresLock(nameof(SignalLock))]
    private UserThread? ChooseReceiver(int signal)
    {
        if (ProcessId.Thread is { } leader && ReferenceEquals(leader.Process, this) && Wants(leader, signal))
        {
            return leader;
        }

        UserThread? begin = NextReceiver is { HasLeft: false } next ? next : FirstThread;
        UserThread? thread = begin;
        while (thread is not null)
        {
            if (Wants(thread, signal))
            {
                NextReceiver = thread;
                return thread;
            }

            thread = thread.NextInProcess ?? FirstThread;
            if (ReferenceEquals(thread, begin))
            {
                break;
            }
        }

        return null;
    }

    [RequiresLock(nameof(SignalLock))]
    private static bool Wants(UserThread thread, int signal)
    {
        if (thread.HasLeft || thread.IsLeaving || thread.Blocked.Contains(signal))
        {
            return false;
        }

        return signal == Signal.SIGKILL || (!thread.IsStopped && (thread.Task.IsOnCpu || !thread.HasPendingSignal));
    }

    // It will end the process whatever happens before it is delivered: then all threads begin to end now. Signals that Linux dumps core for are left to the delivery.
    [RequiresLock(nameof(SignalLock))]
    private bool IsFatal(int signal, UserThread receiver)
    {
        if (signal == Signal.SIGKILL)
        {
            return !IsProtected;
        }

        SignalHandlers handlers = Handlers;
        return !IsProtected
            && !SignalSet.Stopping.Contains(signal)
            && !SignalSet.IgnoredByDefault.Contains(signal)
            && !SignalSet.CoreDumping.Contains(signal)
            && !handlers.Handled.Contains(signal)
            && !handlers.Ignored.Contains(signal)
            && !receiver.RealBlocked.Contains(signal);
    }
}
