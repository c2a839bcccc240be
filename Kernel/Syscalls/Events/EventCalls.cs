using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Events;

/// <summary>System calls that wait for files, and those that make files of events.</summary>
internal static class EventCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new PollCall());
        table.Add(new PollWithMask());
        table.Add(new SelectCall());
        table.Add(new SelectWithMask());
        table.Add(new EpollCreate());
        table.Add(new EpollCreateWithFlags());
        table.Add(new EpollControl());
        table.Add(new EpollWait());
        table.Add(new EpollWaitWithMask());
        table.Add(new EpollWaitPrecise());
        table.Add(new EventCounterCreate());
        table.Add(new EventCounterCreateWithFlags());
        table.Add(new TimerFileCreate());
        table.Add(new TimerFileSet());
        table.Add(new TimerFileGet());
        table.Add(new SignalFileCreate());
        table.Add(new SignalFileCreateWithFlags());
        table.Add(new InotifyCreate());
        table.Add(new InotifyCreateWithFlags());
        table.Add(new InotifyAddWatch());
        table.Add(new InotifyRemoveWatch());
        table.Add(new ProcessFileOpen());
        table.Add(new ProcessFileSendSignal());
        table.Add(new ProcessFileGetFile());
    }
}
