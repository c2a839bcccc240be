using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Time;

/// <summary>Timers under torture: a quarter of a second each in a test run; in <c>make soak</c> for as long as one likes.</summary>
public static class TortureTests
{
    private const ulong Second = 1_000_000_000;

    /// <summary>Timers that one task starts and cancels.</summary>
    [KernelTest("time.torture.owned_timers")]
    public static void Owned() => TimerTorture.Owned(Torture.TestNanoseconds);

    /// <summary>Timers that several tasks start and cancel at once.</summary>
    [KernelTest("time.torture.shared_timers")]
    public static void Shared() => TimerTorture.Shared(Torture.TestNanoseconds);

    /// <summary>A handler that still runs after its timer was cancelled is seen.</summary>
    [KernelTest("time.torture.finds_out_that_cancel_does_not_wait")]
    public static void WithoutWaiting() => TimerTorture.WithoutWaiting();

    /// <summary>The same for <c>soak.seconds=N</c> in all, 2 otherwise.</summary>
    [KernelTest("soak.timers")]
    public static void Soak()
    {
        ulong each = (ulong)KernelOptions.GetNumber("soak.seconds", 2, 2, int.MaxValue) * Second / 2;
        TestRunner.Figure("soak.timers.owned", TimerTorture.Owned(each), "operations");
        TestRunner.Figure("soak.timers.shared", TimerTorture.Shared(each), "operations");
    }
}
