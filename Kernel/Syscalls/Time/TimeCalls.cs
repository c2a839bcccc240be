using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Time;

/// <summary>System calls of clocks, sleeps and timers.</summary>
internal static class TimeCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new ClockGetTime());
        table.Add(new ClockSetTime());
        table.Add(new ClockGetResolution());
        table.Add(new ClockNanosleep());
        table.Add(new Nanosleep());
        table.Add(new GetTimeOfDay());
        table.Add(new SetTimeOfDay());
        table.Add(new TimeCall());
        table.Add(new AdjustTime());
        table.Add(new ClockAdjustTime());
        table.Add(new Alarm());
        table.Add(new GetInterval());
        table.Add(new SetInterval());
        table.Add(new TimerCreate());
        table.Add(new TimerSet());
        table.Add(new TimerGet());
        table.Add(new TimerGetOverrun());
        table.Add(new TimerDelete());
    }
}
