using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.PerCpu;

/// <summary>
/// A variable of which each CPU has its own, in cache lines that it shares with nothing: a CPU changes its part without lock or atomic operation, and nobody waits for anybody. Only CPUs that the
/// machine has take memory.
/// <para>
/// Which part is one's own is stable only with a <see cref="CpuPin"/>, so the value is reached through one. Other CPUs' parts may be read at any time (<see cref="ReadOther"/>, <see cref="PerCpuExtensions.Sum"/>): what a
/// single load reads is whole (8 bytes or less), and outdated at once.
/// </para>
/// </summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class PerCpu<T>
{
    [Immutable]
    private readonly PaddedSlot[] _slots;

    /// <summary>Makes the variable, for the CPUs that the machine has by now: when modules start, that is all. Task context.</summary>
    /// <param name="initial">Makes the initial value for a CPU; null leaves the type's default.</param>
    public PerCpu(Func<int, T>? initial = null)
    {
        _slots = new PaddedSlot[Cpu.Count];
        for (int cpu = 0; cpu < _slots.Length; cpu++)
        {
            var slot = new PaddedSlot();
            if (initial is not null)
            {
                slot.Value = initial(cpu);
            }

            _slots[cpu] = slot;
        }
    }

    /// <summary>How many CPUs have a part: those numbered below.</summary>
    public int CpuCount => _slots.Length;

    /// <summary>The part of the CPU that this runs on. A reference to it cannot outlive the pin.</summary>
    /// <param name="here">Keeps the code on its CPU.</param>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Value(in CpuPin here) => ref SlotOf(here.Cpu).Value;

    /// <summary>As <see cref="Value(in CpuPin)"/>, with interrupts off.</summary>
    /// <param name="here">Keeps the code on its CPU.</param>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Value(in IrqCpuPin here) => ref SlotOf(here.Cpu).Value;

    /// <summary>Reads the part of any CPU. A value of more than 8 bytes may be half old, half new. Any context.</summary>
    /// <param name="cpu">0 and up, below <see cref="CpuCount"/>.</param>
    [NoAllocation]
    public T ReadOther(int cpu) => _slots[cpu].Value;

    /// <summary>All CPUs' parts, in order of their numbers; for <c>foreach</c>. Not a snapshot: each is read when its turn comes. Any context.</summary>
    [NoAllocation]
    public Enumerator GetEnumerator() => new(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slot SlotOf(int cpu)
    {
        PaddedSlot[] slots = _slots;
        if ((uint)cpu >= (uint)slots.Length)
        {
            PanicTooEarly();
        }

        return slots[cpu];
    }

    [DoesNotReturn]
    private static void PanicTooEarly() => Panic.Now("A per-CPU variable was made before this CPU was known"u8);

    /// <summary>Goes through the parts.</summary>
    public ref struct Enumerator
    {
        private readonly PerCpu<T> _variable;
        private int _cpu = -1;

        internal Enumerator(PerCpu<T> variable)
        {
            _variable = variable;
        }

        /// <summary>The part of one CPU, as it was when this was read.</summary>
        public readonly T Current => _variable._slots[_cpu].Value;

        /// <summary>Goes to the next CPU.</summary>
        public bool MoveNext() => ++_cpu < _variable._slots.Length;
    }

    // Fields of a base class come before those of the classes derived from it: so the padding really lies around the value.
    private class Before
    {
        [Immutable]
        protected CacheLine LineBefore = default;
    }

    private class Slot : Before
    {
        [Protocol("Written by its CPU under a CpuPin; read by others, who take what a single load gives.")]
        public T Value = default!;
    }

    private class PaddedSlot : Slot
    {
        [Immutable]
        protected CacheLine LineAfter = default;
    }
}

/// <summary>What needs numbers.</summary>
public static class PerCpuExtensions
{
    /// <summary>The sum of all CPUs' parts. Each is read once, one after the other: the sum may never have been right at any one moment, but nothing counted is missed or counted twice. Any context.</summary>
    [NoAllocation]
    public static long Sum(this PerCpu<long> variable)
    {
        long sum = 0;
        foreach (long part in variable)
        {
            sum += part;
        }

        return sum;
    }
}
