using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Changes of the running thread's signal mask (sigprocmask(2)). Task context.</summary>
public static class SignalMasks
{
    /// <summary>Blocks exactly these signals, SIGKILL and SIGSTOP apart. Those that wait for any thread and that this one blocks now go to another one.</summary>
    [NoAllocation]
    public static void Set(UserThread thread, SignalSet set)
    {
        Process process = thread.Process;
        using (process.SignalLock.Enter())
        {
            SetLocked(thread, set);
        }
    }

    /// <summary>Blocks a set for the time of a call: once a signal was handled, or none was, the mask from before comes back (sigsuspend(2), ppoll(2)).</summary>
    [NoAllocation]
    public static void SetForCall(UserThread thread, SignalSet set)
    {
        thread.SavedMask = thread.Blocked;
        thread.HasSavedMask = true;
        Set(thread, set);
    }

    /// <summary>The call has ended without a signal: the mask from before comes back.</summary>
    [NoAllocation]
    public static void Restore(UserThread thread)
    {
        if (thread.HasSavedMask)
        {
            thread.HasSavedMask = false;
            Set(thread, thread.SavedMask);
        }
    }

    /// <summary>As <see cref="Set"/>, with the lock held.</summary>
    [RequiresLock("thread.Process.SignalLock")]
    [NoAllocation]
    internal static void SetLocked(UserThread thread, SignalSet set)
    {
        Process process = thread.Process;
        SignalSet added = set.Without(thread.Blocked);
        thread.SetBlocked(set);
        if (!(process.Pending.Set & added).IsEmpty && thread.HasPendingSignal)
        {
            process.Retarget(thread, added);
        }

        process.Recalculate(thread);
    }
}
