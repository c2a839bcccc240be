using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Time
{
    /// <summary>Stands for the class of this name in Kernel/Machine.</summary>
    internal static class Clock
    {
        public static ulong TscIntervalToNanoseconds(ulong ticks) => ticks;

        public static ulong MonotonicNanoseconds => SimulatedMachine.Instance.Now;

        public static long BootNanoseconds { get; private set; }

        public static long RealtimeNanoseconds => BootNanoseconds + (long)MonotonicNanoseconds;

        public static void SetRealtime(long nanoseconds) => BootNanoseconds = nanoseconds - (long)MonotonicNanoseconds;
    }

    /// <summary>Stands for the class of this name in Kernel/Machine.</summary>
    internal static class ClockEvent
    {
        public static void Arm(ulong deadlineNanoseconds, ulong now)
        {
            SimulatedMachine.Instance.Require(!SimulatedMachine.Instance.Active.InterruptsOn, "the clock is set with interrupts on");
            SimulatedMachine.Instance.Require(now <= SimulatedMachine.Instance.Now, "the clock is set from the future");
            SimulatedMachine.Instance.Active.Armed = deadlineNanoseconds;
            SimulatedMachine.Instance.Step();
        }
    }
}

namespace CosmosKernel.Machine.Smp
{
    /// <summary>Stands for the class of this name in Kernel/Machine.</summary>
    internal static class Reschedule
    {
        public static void Send(int cpu) => SimulatedMachine.Instance.Cpus[cpu].ReschedulePending = true;
    }
}
