using System;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Deferred;

/// <summary>RCU, queues and deferred work under torture: a quarter of a second each in a test run; in <c>make soak</c> all of them in turn for as long as one likes.</summary>
public static class TortureTests
{
    private const ulong Second = 1_000_000_000;

    /// <summary>Grace periods.</summary>
    [KernelTest("lock.torture.rcu")]
    public static void Reference() => RcuTorture.Reference(Torture.TestNanoseconds);

    /// <summary>List under RCU.</summary>
    [KernelTest("lock.torture.rcu_list")]
    public static void List() => RcuTorture.List(Torture.TestNanoseconds);

    /// <summary>Map under RCU.</summary>
    [KernelTest("lock.torture.rcu_map")]
    public static void Map() => RcuTorture.Map(Torture.TestNanoseconds);

    /// <summary>Ring with any number of producers and consumers.</summary>
    [KernelTest("lock.torture.mpmc_ring")]
    public static void Mpmc() => QueueTorture.Mpmc(Torture.TestNanoseconds);

    /// <summary>Queue with one consumer.</summary>
    [KernelTest("lock.torture.mpsc_queue")]
    public static void Mpsc() => QueueTorture.Mpsc(Torture.TestNanoseconds);

    /// <summary>Ring with one producer and one consumer.</summary>
    [KernelTest("lock.torture.spsc_ring")]
    public static void Spsc() => QueueTorture.Spsc(Torture.TestNanoseconds);

    /// <summary>Work queues.</summary>
    [KernelTest("lock.torture.work_queues")]
    public static void Items() => WorkTorture.Items(Torture.TestNanoseconds);

    /// <summary>Deferred work.</summary>
    [KernelTest("lock.torture.deferred_work")]
    public static void Calls() => WorkTorture.Calls(Torture.TestNanoseconds);

    /// <summary>Without grace periods the readers meet poison: so the torture can fail.</summary>
    [KernelTest("lock.torture.finds_out_that_there_is_no_grace_period")]
    public static void NoGracePeriod() => RcuTorture.WithoutGracePeriods();

    /// <summary>The same for <c>soak.seconds=N</c> in all, 30 otherwise.</summary>
    [KernelTest("soak.deferred")]
    public static void Soak()
    {
        (string Name, Func<ulong, long> Run)[] all =
        [
            ("rcu", RcuTorture.Reference),
            ("rcu_list", RcuTorture.List),
            ("rcu_map", RcuTorture.Map),
            ("mpmc_ring", QueueTorture.Mpmc),
            ("mpsc_queue", QueueTorture.Mpsc),
            ("spsc_ring", QueueTorture.Spsc),
            ("work_queues", WorkTorture.Items),
            ("deferred_work", WorkTorture.Calls),
        ];
        ulong each = (ulong)KernelOptions.GetNumber("soak.seconds", 30, 3, int.MaxValue) * Second / (ulong)all.Length;
        foreach ((string name, Func<ulong, long> run) in all)
        {
            TestRunner.Figure($"soak.deferred.{name}", run(each), "operations");
        }
    }
}
