using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// Serves a device's interrupt. A class and not an interface or a delegate: the call needs no dispatch cache. <see cref="Handle"/> runs in
/// hard-interrupt context: interrupts off, on the interrupt stack; it must not allocate, throw, sleep or take a lock that is ever held with interrupts on.
/// </summary>
public abstract class InterruptHandler
{
    private const int Stride = 64 / sizeof(ulong);

    [GuardedBy(typeof(DeviceInterrupts), "s_lock", LockFreeReads = true)]
    internal InterruptHandler? Next;

    /// <summary>It wants its line masked.</summary>
    [GuardedBy(typeof(DeviceInterrupts), "s_lock")]
    internal bool HoldsMask;

    // A cache line for each CPU, which alone writes there, with interrupts off. Handlers are made when all CPUs are known.
    [PerCpu(ReadAnywhere = true)]
    private readonly ulong[] _counts = new ulong[Math.Max(Cpu.Count, 1) * Stride];

    /// <summary>Shown by the console's <c>irq</c> command.</summary>
    public abstract string Name { get; }

    /// <summary>The vector that it serves; 0 before it was added and after it was removed.</summary>
    [GuardedBy(typeof(DeviceInterrupts), "s_lock", LockFreeReads = true)]
    public int Vector { get; internal set; }

    /// <summary>Interrupts that this handler said were its own, on all CPUs. Any context; outdated at once.</summary>
    public ulong Count
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < _counts.Length; i += Stride)
            {
                sum += Volatile.Read(ref _counts[i]);
            }

            return sum;
        }
    }

    /// <summary>Serves the device.</summary>
    /// <returns>True when the device had asked for it: lines are shared.</returns>
    [InterruptContext]
    public abstract bool Handle();

    /// <summary>Those that one CPU served. Any context; outdated at once.</summary>
    /// <param name="cpu">Its number, 0 and up.</param>
    public ulong CountOn(int cpu) => (uint)cpu < (uint)(_counts.Length / Stride) ? Volatile.Read(ref _counts[cpu * Stride]) : 0;

    // In the interrupt: nobody else writes to this CPU's place.
    [InterruptContext]
    internal void CountServed() => _counts[Cpu.CurrentIndex * Stride]++;
}
