using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.PerCpu;

/// <summary>
/// Keeps the running code on its CPU by turning preemption off, and so gives it that CPU's part of per-CPU variables (<see cref="PerCpu{T}"/>) until it is disposed:
/// <code>
/// using (CpuPin here = CpuPin.Take())
/// {
///     s_packets.Value(in here)++;
/// }
/// </code>
/// The compiler does not let a reference to the value outlive the pin. While it is held: no sleeping, as with a spin lock. For values that interrupt handlers touch: <see cref="IrqCpuPin"/>.
/// </summary>
public readonly ref struct CpuPin
{
    private readonly bool _taken;

    private CpuPin(int cpu)
    {
        Cpu = cpu;
        _taken = true;
    }

    /// <summary>The CPU's number.</summary>
    public int Cpu { get; }

    /// <summary>Turns preemption off. Any context but NMI.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CpuPin Take() => new(Preemption.BeginHere());

    /// <summary>Lets the code move again; a pending reschedule happens here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_taken)
        {
            Preemption.End();
        }
    }
}

/// <summary>As <see cref="CpuPin"/>, by turning interrupts off: for values that interrupt handlers touch, too.</summary>
public readonly ref struct IrqCpuPin
{
    private readonly bool _taken;
    private readonly ulong _flags;

    private IrqCpuPin(ulong flags, int cpu)
    {
        _flags = flags;
        Cpu = cpu;
        _taken = true;
    }

    /// <summary>The CPU's number.</summary>
    public int Cpu { get; }

    /// <summary>Turns interrupts off. Any context but NMI.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IrqCpuPin Take()
    {
        ulong flags = InterruptFlag.Disable();
        return new IrqCpuPin(flags, Machine.Cpus.Cpu.CurrentIndex);
    }

    /// <summary>Lets interrupts come again, if they were on; a pending reschedule happens here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_taken)
        {
            Preemption.RestoreInterrupts(_flags);
        }
    }
}
