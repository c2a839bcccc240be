using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Time;

/// <summary>
/// The clock event of machines whose APIC timer does not work: one HPET comparator or PIT channel interrupts the boot CPU at the earliest deadline of all
/// CPUs, and the boot CPU passes the interrupt on to those whose deadline has come.
/// </summary>
internal static unsafe class BroadcastTimer
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const ulong Never = ulong.MaxValue;
    private const int TimerInterrupt = 0;
    private const uint LongestHpetCount = 1u << 30;
    private const uint ShortestCount = 2;

    // The word of CpuBlock.ClockState that holds the CPU's deadline. Other CPUs read it; the boot CPU replaces a due one by Never.
    private const int DeadlineWord = 0;

    private static IrqSpinLock s_lock = new(LockClass.BroadcastTimer);

    [GuardedBy(nameof(s_lock))]
    private static ulong s_programmed;

    [Immutable]
    private static bool s_useHpet;

    [Immutable]
    private static TickScale s_ticks;

    /// <summary>Routes the device's interrupt to the boot CPU. Boot CPU, once, interrupts off.</summary>
    [BeforePublication]
    internal static void Initialize(bool useHpet)
    {
        s_useHpet = useHpet;
        s_ticks = TickScale.Between(NanosecondsPerSecond, useHpet ? Hpet.Frequency : Pit.Frequency);
        using (s_lock.Enter())
        {
            s_programmed = Never;
        }

        Pit.Stop();
        if (useHpet)
        {
            Hpet.UseInterrupt();
        }

        InterruptLine line = IsaInterrupts.Line(TimerInterrupt);
        if (IoApic.Route(line, Vectors.Timer, Cpu.Current->ApicId))
        {
            IoApic.SetMasked(line.GlobalInterrupt, masked: false);
        }
    }

    /// <summary>Gives this CPU no deadline.</summary>
    internal static void InitializeCpu()
    {
        Volatile.Write(ref Deadline(Cpu.Current), Never);
    }

    /// <summary>Sets this CPU's deadline, in monotonic nanoseconds.</summary>
    internal static void Arm(ulong deadline)
    {
        Volatile.Write(ref Deadline(Cpu.Current), deadline);
        using (s_lock.Enter())
        {
            if (deadline < s_programmed)
            {
                Program(deadline);
            }
        }
    }

    /// <summary>Takes this CPU's deadline back; the device may still fire for it.</summary>
    internal static void Disarm()
    {
        Volatile.Write(ref Deadline(Cpu.Current), Never);
    }

    /// <summary>On the boot CPU: wakes the CPUs whose time has come and programs the device for the next one. Interrupt context.</summary>
    internal static void OnInterrupt()
    {
        CpuBlock* current = Cpu.Current;
        if (current->Index != 0)
        {
            return;
        }

        using (s_lock.Enter())
        {
            ulong now = Clock.MonotonicNanoseconds;
            ulong next = Never;
            for (int i = 0; i < Cpu.Count; i++)
            {
                CpuBlock* block = Cpu.Get(i);
                ulong deadline = Volatile.Read(ref Deadline(block));
                if (deadline == 0)
                {
                    // A CPU that is being started and has not called InitializeCpu yet.
                    continue;
                }

                if (deadline > now)
                {
                    next = deadline < next ? deadline : next;
                }
                else if (Interlocked.CompareExchange(ref Deadline(block), Never, deadline) == deadline && block != current)
                {
                    LocalApic.Send(block->ApicId, Vectors.Timer);
                }
            }

            s_programmed = Never;
            if (next != Never)
            {
                Program(next);
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Program(ulong deadline)
    {
        s_programmed = deadline;
        ulong now = Clock.MonotonicNanoseconds;
        ulong delay = deadline > now ? deadline - now : 0;
        ulong longest = s_useHpet ? LongestHpetCount : Pit.LongestCount;

        // A minute is far above what either device can count, and far below what would overflow.
        ulong ticks = s_ticks.Convert(delay < 60 * NanosecondsPerSecond ? delay : 60 * NanosecondsPerSecond) + 1;
        ticks = ticks < ShortestCount ? ShortestCount : ticks > longest ? longest : ticks;
        if (!s_useHpet)
        {
            Pit.ArmInterrupt((uint)ticks);
            return;
        }

        while (!Hpet.ArmInterrupt((uint)ticks))
        {
            ticks *= 2;
        }
    }

    private static ref ulong Deadline(CpuBlock* block)
    {
        return ref block->ClockState[DeadlineWord];
    }
}
