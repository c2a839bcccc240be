using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>Waiting for children: wait4(2) and waitid(2). The waiter puts itself into the queue first and looks then, so that no change is missed.</summary>
public static class ChildWait
{
    /// <summary>Finds a child that has changed, or waits for one. Task context of the running thread.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="query">What is waited for.</param>
    /// <param name="found">The child; its id is 0 when WNOHANG was given and none has changed.</param>
    /// <returns>ECHILD: there is no such child. ERESTARTSYS: a signal came.</returns>
    [MightSleep]
    public static Errno Wait(UserThread thread, in ChildQuery query, out WaitedChild found)
    {
        Process process = thread.Process;
        using WaitQueue.Wait wait = process.ChildChanged.Begin();
        while (true)
        {
            wait.Prepare();
            if (TryFind(thread, process, query, out found, out bool any))
            {
                return Errno.Ok;
            }

            if (!any)
            {
                return Errno.ECHILD;
            }

            if ((query.Options & WaitOptions.WNOHANG) != 0)
            {
                return Errno.Ok;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    private static bool TryFind(UserThread thread, Process process, in ChildQuery query, out WaitedChild found, out bool any)
    {
        any = false;
        using (ProcessTree.Lock.Enter())
        {
            for (Process? child = process.FirstChild; child is not null; child = child.NextSibling)
            {
                if (!query.Matches(child, thread))
                {
                    continue;
                }

                any = true;
                if (child.IsZombie ? TryTakeZombie(process, child, query, out found) : TryTakeStop(child, query, out found))
                {
                    return true;
                }
            }
        }

        found = default;
        return false;
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static bool TryTakeZombie(Process process, Process child, in ChildQuery query, out WaitedChild found)
    {
        if ((query.Options & WaitOptions.WEXITED) == 0)
        {
            found = default;
            return false;
        }

        ProcessUsage usage = child.ReadUsage();
        int status = child.ExitStatus;
        found = new WaitedChild(child.Id, child.UserIdLocked, status, WaitStatus.IsKilled(status) ? SignalCode.CLD_KILLED : SignalCode.CLD_EXITED, WaitStatus.CodeOf(status), child.ReadTotalUsage(usage));
        if ((query.Options & WaitOptions.WNOWAIT) == 0)
        {
            process.AddChildUsage(child, usage);
            ProcessExit.Collect(child);
        }

        return true;
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static bool TryTakeStop(Process child, in ChildQuery query, out WaitedChild found)
    {
        bool takes = (query.Options & WaitOptions.WNOWAIT) == 0;
        found = default;
        int signal = 0;
        bool continued = false;
        ProcessUsage usage;
        using (child.SignalLock.Enter())
        {
            if ((query.Options & WaitOptions.WUNTRACED) != 0 && child.IsStopped && child.StopIsTold && child.StopSignal != 0)
            {
                signal = child.StopSignal;
                child.StopSignal = takes ? 0 : signal;
            }
            else if ((query.Options & WaitOptions.WCONTINUED) != 0 && child.WasContinued)
            {
                continued = true;
                child.WasContinued = !takes;
            }

            usage = child.ReadUsageLocked();
        }

        if (signal == 0 && !continued)
        {
            return false;
        }

        found = continued
            ? new WaitedChild(child.Id, child.UserIdLocked, WaitStatus.Continued, SignalCode.CLD_CONTINUED, Signal.SIGCONT, child.ReadTotalUsage(usage))
            : new WaitedChild(child.Id, child.UserIdLocked, WaitStatus.Stopped(signal), SignalCode.CLD_STOPPED, signal, child.ReadTotalUsage(usage));
        return true;
    }
}
