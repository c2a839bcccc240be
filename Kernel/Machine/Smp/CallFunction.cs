using System.Numerics;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// Runs a static function on other CPUs and waits until it has run there. Each CPU has one request of its own, so a caller needs no memory and no lock; a
/// receiver has a bit for each CPU that wants something of it.
/// </summary>
/// <remarks>
/// The caller waits with interrupts on, so that two CPUs that call each other both get served. It must not hold a lock that other CPUs take with interrupts off: they could not
/// answer, and this CPU would wait for ever.
/// </remarks>
public static unsafe class CallFunction
{
    // Words of CpuBlock.CallState. The first cache line belongs to the receiver, the second one to the sender.
    private const int Pending = 0;
    private const int Ready = 7;
    private const int Function = 8;
    private const int Argument = 9;
    private const int Remaining = 10;
    private const int BitsOfWord = 64;
    private const int PendingWords = 4;

    // Values of the word Ready; 0 before.
    private const ulong Joined = 1;
    private const ulong GivenUp = 2;

    /// <summary>
    /// Runs <paramref name="function"/> on all CPUs of <paramref name="targets"/> but this one, in interrupt context with interrupts off, and returns when all have done it.
    /// CPUs that do not run yet are left out. Interrupts are on; task context, or atomic under the remark's condition.
    /// </summary>
    /// <param name="targets">Where to run it.</param>
    /// <param name="function">What to run: short, without waiting for anything.</param>
    /// <param name="argument">What to pass; memory that it points to stays valid until this returns.</param>
    public static void Run(in CpuSet targets, delegate*<nuint, void> function, nuint argument)
    {
        if (Cpu.Count == 1)
        {
            return;
        }

        if (!InterruptFlag.Enabled)
        {
            Panic.Now("A call to other CPUs with interrupts off would wait for ever"u8);
        }

        using (Preemption.Disable())
        {
            CpuBlock* self = Cpu.Current;
            self->CallState[Function] = (ulong)function;
            self->CallState[Argument] = argument;
            CpuSet called = Select(targets, self);

            // Ordered before the bits by the interlocked operations that set these.
            Volatile.Write(ref self->CallState[Remaining], (ulong)called.Count);
            Post(called, self);
            while (Volatile.Read(ref self->CallState[Remaining]) != 0)
            {
                CpuInstructions.Pause();
            }
        }
    }

    /// <summary>As <see cref="Run"/>, on all CPUs but this one.</summary>
    public static void RunOnOthers(delegate*<nuint, void> function, nuint argument)
    {
        CpuSet all = CpuSet.All;
        Run(all, function, argument);
    }

    /// <summary>Whether a CPU takes part: it answers calls, and missed none whose effect it does not have anyway.</summary>
    public static bool IsReady(int cpu)
    {
        CpuBlock* block = Cpu.Get(cpu);
        return block != null && Volatile.Read(ref block->CallState[Ready]) == Joined;
    }

    /// <summary>
    /// From here on this CPU is called. The TLB is emptied after that, since shoot-downs up to here passed it by. Each CPU once, interrupts off. One that was given up
    /// halts for good.
    /// </summary>
    internal static void Join()
    {
        if (Interlocked.CompareExchange(ref Cpu.Current->CallState[Ready], Joined, 0) != 0)
        {
            CpuInstructions.HaltForever();
        }

        WorldStop.WaitWhileStopped();
        TlbShootdown.FlushAllHere();
    }

    /// <summary>
    /// Decides that a CPU does not take part, unless it does already: one that comes at this moment must not be reset after others have begun to wait for its answers.
    /// </summary>
    /// <returns>False when the CPU has joined.</returns>
    internal static bool TryGiveUp(CpuBlock* block) => Interlocked.CompareExchange(ref block->CallState[Ready], GivenUp, 0) != Joined;

    /// <summary>The interrupt: does what all other CPUs have asked for. Interrupt context.</summary>
    internal static void OnInterrupt()
    {
        CpuBlock* self = Cpu.Current;
        for (int word = 0; word < PendingWords; word++)
        {
            if (Volatile.Read(ref self->CallState[Pending + word]) == 0)
            {
                continue;
            }

            ulong senders = Interlocked.Exchange(ref self->CallState[Pending + word], 0);
            while (senders != 0)
            {
                CpuBlock* sender = Cpu.Get((word * BitsOfWord) + BitOperations.TrailingZeroCount(senders));
                senders &= senders - 1;
                var function = (delegate*<nuint, void>)sender->CallState[Function];
                function((nuint)sender->CallState[Argument]);
                Interlocked.Decrement(ref sender->CallState[Remaining]);
            }
        }
    }

    private static CpuSet Select(in CpuSet targets, CpuBlock* self)
    {
        CpuSet selected = default;
        for (int i = 0; i < Cpu.Count; i++)
        {
            if (i != (int)self->Index && targets.Contains(i) && IsReady(i))
            {
                selected.Add(i);
            }
        }

        return selected;
    }

    private static void Post(in CpuSet called, CpuBlock* self)
    {
        int word = (int)self->Index / BitsOfWord;
        ulong bit = 1ul << ((int)self->Index % BitsOfWord);
        for (int i = 0; i < Cpu.Count; i++)
        {
            if (!called.Contains(i))
            {
                continue;
            }

            // A word that was not empty has its interrupt on the way: the receiver empties it after that interrupt has begun.
            CpuBlock* receiver = Cpu.Get(i);
            if (Interlocked.Or(ref receiver->CallState[Pending + word], bit) == 0)
            {
                LocalApic.Send(receiver->ApicId, Vectors.CallFunction);
            }
        }
    }
}
