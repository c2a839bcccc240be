using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Power;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>What happens after a panic's report, as the boot options say: Linux's <c>panic=</c>, and the exit status that a test run wants.</summary>
[Immutable]
public static unsafe class PanicPolicy
{
    private const byte PanicStatus = 0x11;
    private const ulong Second = 1_000_000_000;

    private static bool s_testRun;
    private static int s_rebootAfter;

    /// <summary>Sets the policy. Boot task, once.</summary>
    /// <param name="testRun">End the emulator with the status that docs/testing.md names.</param>
    /// <param name="rebootAfter">Seconds until the machine is reset; 0 halts for good, below 0 resets at once.</param>
    [BeforePublication]
    public static void Configure(bool testRun, int rebootAfter)
    {
        s_testRun = testRun;
        s_rebootAfter = rebootAfter;
        Panic.SetEnd(&End);
    }

    private static void End()
    {
        if (s_testRun)
        {
            MachinePower.ExitEmulator(PanicStatus);
        }

        if (s_rebootAfter != 0)
        {
            if (s_rebootAfter > 0)
            {
                Clock.Delay((ulong)s_rebootAfter * Second);
            }

            EarlyConsole.WriteLine("##reboot"u8);
            MachinePower.Reboot();
        }

        CpuInstructions.HaltForever();
    }
}
