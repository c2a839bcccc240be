using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Signals;

/// <summary>The system calls of signals.</summary>
internal static class SignalCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new RtSigaction());
        table.Add(new RtSigprocmask());
        table.Add(new RtSigreturn());
        table.Add(new RtSigpending());
        table.Add(new RtSigtimedwait());
        table.Add(new RtSigsuspend());
        table.Add(new RtSigqueueinfo());
        table.Add(new RtTgsigqueueinfo());
        table.Add(new Sigaltstack());
        table.Add(new Pause());
        table.Add(new RestartSyscall());
        table.Add(new Kill());
        table.Add(new Tkill());
        table.Add(new Tgkill());
    }
}
