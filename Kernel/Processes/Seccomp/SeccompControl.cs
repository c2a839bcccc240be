using CosmosKernel.Abi;
using CosmosKernel.Abi.Security;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>Restricts the system calls of the running thread, or of all threads of its process (seccomp(2)). Nothing takes a restriction back. Task context.</summary>
public static class SeccompControl
{
    /// <summary>read, write, exit and rt_sigreturn are left.</summary>
    /// <returns>EINVAL: the thread has filters.</returns>
    public static Errno SetStrict(UserThread thread)
    {
        using (thread.Process.SignalLock.Enter())
        {
            if (thread.SeccompMode == SeccompMode.Filter)
            {
                return Errno.EINVAL;
            }

            thread.SetSeccomp(SeccompMode.Strict, null);
            return Errno.Ok;
        }
    }

    /// <summary>Whether the thread may install filters: it gives up that programs give it rights, or is an administrator.</summary>
    public static bool MayFilter(UserThread thread) => thread.NoNewPrivileges || thread.Credentials.Has(Capability.SysAdmin);

    /// <summary>Installs a filter.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="program">The filter.</param>
    /// <param name="flags">SECCOMP_FILTER_FLAG_*, which were checked.</param>
    /// <returns>0, or the listener's descriptor, or the id of a thread that cannot have the filter; -EINVAL, -EBUSY, -ENOMEM, -ESRCH, -EMFILE.</returns>
    [MightSleep]
    public static long Install(UserThread thread, BpfProgram program, uint flags)
    {
        if ((flags & SeccompConstants.FlagNewListener) == 0)
        {
            return Attach(thread, program, flags, null);
        }

        FileTable files = thread.Files!;
        Errno error = files.Reserve(out int descriptor, closeOnExec: true);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        SeccompListener? listener = null;
        SeccompListenerFile? file = null;
        long result = -(long)Errno.ENOMEM;
        try
        {
            listener = new SeccompListener(RandomBits.Next(), (flags & SeccompConstants.FlagWaitKillable) != 0);
            file = new SeccompListenerFile(listener);
            result = Attach(thread, program, flags, listener);
        }
        finally
        {
            if (result != 0)
            {
                files.Unreserve(descriptor);
                file?.Release();
            }
        }

        if (result != 0)
        {
            return result;
        }

        files.Install(descriptor, file!);
        return descriptor;
    }

    private static long Attach(UserThread thread, BpfProgram program, uint flags, SeccompListener? listener)
    {
        Process process = thread.Process;
        bool all = (flags & SeccompConstants.FlagAllThreads) != 0;
        while (true)
        {
            // The new leaf is made without the lock; if another thread has given this one filters meanwhile, again.
            SeccompFilter? previous = thread.SeccompFilter;
            if (listener is not null && previous is { HasListener: true })
            {
                return -(long)Errno.EBUSY;
            }

            var filter = new SeccompFilter(program, previous, (flags & SeccompConstants.FlagLog) != 0, listener);
            if (filter.Instructions > SeccompFilter.MostInstructions)
            {
                return -(long)Errno.ENOMEM;
            }

            using (process.SignalLock.Enter())
            {
                if (thread.SeccompMode == SeccompMode.Strict)
                {
                    return -(long)Errno.EINVAL;
                }

                if (!ReferenceEquals(thread.SeccompFilter, previous))
                {
                    continue;
                }

                if (all && FindHindrance(process, thread) is { } other)
                {
                    return (flags & SeccompConstants.FlagAllThreadsError) != 0 ? -(long)Errno.ESRCH : other.Id;
                }

                thread.SetSeccomp(SeccompMode.Filter, filter);
                if (all)
                {
                    GiveToOthers(process, thread);
                }

                return 0;
            }
        }
    }

    // A thread that cannot get the filters of another one, because it has some that this one has not.
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    private static UserThread? FindHindrance(Process process, UserThread thread)
    {
        for (UserThread? other = process.FirstThread; other is not null; other = other.NextInProcess)
        {
            if (!ReferenceEquals(other, thread)
                && (other.SeccompMode == SeccompMode.Strict || !SeccompFilter.IsAncestor(other.SeccompFilter, thread.SeccompFilter)))
            {
                return other;
            }
        }

        return null;
    }

    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    private static void GiveToOthers(Process process, UserThread thread)
    {
        for (UserThread? other = process.FirstThread; other is not null; other = other.NextInProcess)
        {
            if (!ReferenceEquals(other, thread))
            {
                other.SetSeccomp(SeccompMode.Filter, thread.SeccompFilter);
                if (thread.NoNewPrivileges)
                {
                    other.NoNewPrivileges = true;
                }
            }
        }
    }
}
