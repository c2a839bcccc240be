using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Figures;

/// <summary>
/// What the kernel's own operations cost. Under <c>-icount shift=0,sleep=off</c> on one CPU a nanosecond of the guest is an instruction, so the figures repeat; each is the
/// median of several rounds. <c>make bench</c> runs them. They only measure and fail when an operation does not work at all.
/// </summary>
[Module("figures", Description = "Costs of the kernel's own operations")]
public sealed class FigureTests : KernelModule
{
    private const int Rounds = 9;

    [TaskPrivate]
    private static readonly object[] s_keep = new object[1024];

    private static SpinLock s_spinLock = new(LockClass.Test);
    private static IrqSpinLock s_irqSpinLock = new(LockClass.Test);

    [Atomic]
    private static volatile bool s_stop;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>Yield between two tasks on one CPU, by policy: from one task's call to the other's return.</summary>
    [KernelTest("figure.yield_between_two_tasks")]
    public static void Yield()
    {
        SchedulingParameters before = KernelTask.Current.GetScheduling();
        TestRunner.Figure("figure.yield", YieldUnder(SchedulingParameters.Fifo(20)), "ns");
        TestRunner.Figure("figure.yield_fair", YieldUnder(SchedulingParameters.Default), "ns");
        KernelTask.Current.SetScheduling(before);
    }

    private static double YieldUnder(SchedulingParameters parameters)
    {
        const int count = 2000;
        s_stop = false;
        KernelTask.Current.SetScheduling(parameters);
        TaskStruct other = KernelTask.Start(new TaskOptions { Name = "yielder", Affinity = CpuSet.Of(KernelTask.Current.Cpu), Scheduling = KernelTask.Current.GetScheduling() }, () =>
        {
            while (!s_stop)
            {
                KernelTask.Yield();
            }
        });
        KernelTask.Current.SetAffinity(CpuSet.Of(KernelTask.Current.Cpu));
        double perSwitch = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                KernelTask.Yield();
            }

            return (Clock.MonotonicNanoseconds - start) / (2.0 * count);
        });
        s_stop = true;
        other.Join();
        KernelTask.Current.SetAffinity(CpuSet.All);
        return perSwitch;
    }

    /// <summary>A timer interrupt that switches nothing: what a busy loop loses to it, accounting and timers included.</summary>
    [KernelTest("figure.timer_interrupt_without_switch")]
    public static void TimerInterrupt()
    {
        const int interrupts = 200;
        const ulong interval = 50_000;
        double empty = Median(() => Spin(null, interrupts * interval));
        var timer = new PeriodicTick(interval);
        double loaded = Median(() => Spin(timer, interrupts * interval));
        Check.True(timer.Count > 0);
        double iterationsLost = empty - loaded;
        double nanosecondsPerIteration = interrupts * interval / empty;
        TestRunner.Figure("figure.timer_interrupt", iterationsLost * nanosecondsPerIteration * Rounds / timer.Count, "ns");
    }

    /// <summary>Spin lock taken and released, uncontended.</summary>
    [KernelTest("figure.spin_lock_pair")]
    public static void SpinLockPair()
    {
        // The loop around it: a step and a branch.
        const double loop = 2;
        TestRunner.Figure("figure.spin_lock_pair", Locks() - loop, "ns");
        TestRunner.Figure("figure.irq_spin_lock_pair", IrqLocks() - loop, "ns");
    }

    /// <summary>A 32-byte object on the heap, refill, zeroing and collections included, on average.</summary>
    [KernelTest("figure.allocate_32_bytes")]
    public static void Allocate()
    {
        const int count = 100_000;
        double each = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                s_keep[i & 1023] = new Pair();
            }

            return (Clock.MonotonicNanoseconds - start) / (double)count;
        });
        double store = Median(() =>
        {
            object value = s_keep[0];
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                s_keep[i & 1023] = value;
            }

            return (Clock.MonotonicNanoseconds - start) / (double)count;
        });
        TestRunner.Figure("figure.allocate_32_bytes", each - store, "ns");
    }

    /// <summary>A full collection with 64 MiB of live small objects.</summary>
    [KernelTest("figure.collect_64_mib")]
    public static void Collect()
    {
        Pair? head = null;
        for (int i = 0; i < 64 * 1024 * 1024 / 32; i++)
        {
            head = new Pair { Next = head };
        }

        ulong start = Clock.MonotonicNanoseconds;
        ManagedHeap.Collect();
        ulong taken = Clock.MonotonicNanoseconds - start;
        GC.KeepAlive(head);
        TestRunner.Figure("figure.collect_64_mib", taken, "ns");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Locks()
    {
        const int count = 20_000;
        return Median(static () =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                using (s_spinLock.Enter())
                {
                }
            }

            return (Clock.MonotonicNanoseconds - start) / (double)count;
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double IrqLocks()
    {
        const int count = 20_000;
        return Median(static () =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < count; i++)
            {
                using (s_irqSpinLock.Enter())
                {
                }
            }

            return (Clock.MonotonicNanoseconds - start) / (double)count;
        });
    }

    // Iterations that a loop makes in a time, with a timer running or without.
    private static double Spin(PeriodicTick? timer, ulong nanoseconds)
    {
        ulong end = Clock.MonotonicNanoseconds + nanoseconds;
        timer?.Begin();
        double iterations = 0;
        while (Clock.MonotonicNanoseconds < end)
        {
            iterations++;
        }

        timer?.Cancel();
        return iterations;
    }

    private static double Median(Func<double> measure)
    {
        double[] values = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            values[i] = measure();
        }

        Array.Sort(values);
        return values[Rounds / 2];
    }

    [TaskPrivate]
    private sealed class Pair
    {
        public Pair? Next;
        public long Value = 1;
    }

    [Protocol("Counted by the timer's handler; read when the timer is cancelled.")]
    private sealed class PeriodicTick(ulong interval) : KernelTimer
    {
        public int Count;

        public void Begin() => Start(Clock.MonotonicNanoseconds + interval);

        protected override void OnExpired(ulong now)
        {
            Count++;
            Start(now + interval);
        }
    }
}
