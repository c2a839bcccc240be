using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>What a parent is told of its child's stops: SIGCHLD, unless it has SA_NOCLDSTOP, and the end of its wait (wait(2)).</summary>
internal static class ParentNotice
{
    /// <summary>The process has stopped or goes on. Task context of one of its threads, or of one that ends.</summary>
    /// <param name="process">The child.</param>
    /// <param name="code">CLD_STOPPED or CLD_CONTINUED.</param>
    [MightSleep]
    public static void Tell(Process process, int code)
    {
        ProcessUsage usage = process.ReadUsage();
        using (ProcessTree.Lock.Enter())
        {
            if (process.Parent is not { } parent)
            {
                return;
            }

            int status = code == SignalCode.CLD_CONTINUED ? Signal.SIGCONT : process.StopSignal;
            var info = SignalInfo.Child(Signal.SIGCHLD, code, process.Id, process.UserId, status, usage.UserTicks, usage.SystemTicks);
            QueuedSignal? none = null;
            using (parent.SignalLock.Enter())
            {
                KernelSignalAction action = parent.Handlers.Get(Signal.SIGCHLD);
                if (action.Handler != KernelSignalAction.Ignore && (action.Flags & SignalActionFlags.SA_NOCLDSTOP) == 0)
                {
                    parent.Send(info, null, ref none, mayAsk: false);
                }
            }

            if (code == SignalCode.CLD_STOPPED)
            {
                using (process.SignalLock.Enter())
                {
                    process.StopIsTold = true;
                }
            }

            parent.ChildChanged.WakeAll();
        }
    }

    /// <summary>Tells what SIGCONT has left to be told.</summary>
    [MightSleep]
    public static void TellPending(Process process)
    {
        int news;
        using (process.SignalLock.Enter())
        {
            news = process.ParentNews;
            process.ParentNews = 0;
        }

        if (news != 0)
        {
            Tell(process, news);
        }
    }
}
