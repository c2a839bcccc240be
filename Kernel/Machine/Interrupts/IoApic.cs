using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// The I/O APICs (Intel 82093AA data sheet; Intel ICH9 data sheet, section 13.5): which vector a global interrupt raises on which CPU. Units are added
/// at boot and never removed. All members may be called from any context but NMI.
/// </summary>
public static unsafe class IoApic
{
    /// <summary>The most units that the kernel uses; a machine with 255 CPUs has fewer.</summary>
    public const int MaximumUnits = 64;

    // With the mask the compiler sees that an index is in range, and adds no check that could throw.
    private const int UnitMask = MaximumUnits - 1;
    private const uint SelectOffset = 0x00;
    private const uint WindowOffset = 0x10;
    private const uint VersionRegister = 1;
    private const uint FirstRedirection = 0x10;
    private const uint ActiveLow = 1u << 13;
    private const uint LevelTriggered = 1u << 15;
    private const uint Masked = 1u << 16;
    private const int DestinationShift = 24;
    private const uint LargestDestination = 0xFE;

    private static IrqSpinLock s_lock = new(LockClass.IoApic);

    [GuardedBy(nameof(s_lock))]
    private static UnitTable s_units;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_count;

    /// <summary>Number of I/O APICs.</summary>
    public static int UnitCount => Volatile.Read(ref s_count);

    /// <summary>One more than the highest global interrupt that any unit has.</summary>
    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    public static uint InterruptCount { get; private set; }

    /// <summary>
    /// Adds a unit and masks all its pins. False when the unit does not answer, its pins overlap those of another one, or there are too many units.
    /// </summary>
    internal static bool Add(ulong physicalAddress, uint firstInterrupt)
    {
        using (s_lock.Enter())
        {
            Unit unit = new()
            {
                Registers = (byte*)DirectMap.ToVirtual(physicalAddress),
                First = firstInterrupt,
            };
            uint version = Read(unit, VersionRegister);
            unit.Count = ((version >> 16) & 0xFF) + 1;
            if (version == uint.MaxValue || s_count == MaximumUnits || firstInterrupt > uint.MaxValue - unit.Count)
            {
                return false;
            }

            for (int i = 0; i < s_count; i++)
            {
                if (Overlaps(s_units[i & UnitMask], unit))
                {
                    return false;
                }
            }

            for (uint pin = 0; pin < unit.Count; pin++)
            {
                Write(unit, FirstRedirection + (2 * pin), Masked);
                Write(unit, FirstRedirection + (2 * pin) + 1, 0);
            }

            s_units[s_count & UnitMask] = unit;
            Volatile.Write(ref s_count, s_count + 1);
            if (firstInterrupt + unit.Count > InterruptCount)
            {
                InterruptCount = firstInterrupt + unit.Count;
            }

            return true;
        }
    }

    /// <summary>
    /// Lets <paramref name="line"/> raise <paramref name="vector"/> on the CPU with the given APIC id; the line stays masked until
    /// <see cref="SetMasked"/>. False when no unit has the line, or the id is above 254, which only an interrupt remapping unit could reach.
    /// </summary>
    public static bool Route(InterruptLine line, byte vector, uint apicId)
    {
        using (s_lock.Enter())
        {
            if (apicId > LargestDestination || !TryFind(line.GlobalInterrupt, out Unit unit, out uint register))
            {
                return false;
            }

            uint low = Masked | vector | (line.IsActiveLow ? ActiveLow : 0) | (line.IsLevelTriggered ? LevelTriggered : 0);
            Write(unit, register, Masked);
            Write(unit, register + 1, apicId << DestinationShift);
            Write(unit, register, low);
            return true;
        }
    }

    /// <summary>Masks or unmasks a global interrupt. False when no unit has it.</summary>
    public static bool SetMasked(uint globalInterrupt, bool masked)
    {
        using (s_lock.Enter())
        {
            if (!TryFind(globalInterrupt, out Unit unit, out uint register))
            {
                return false;
            }

            uint low = Read(unit, register);
            Write(unit, register, masked ? low | Masked : low & ~Masked);
            return true;
        }
    }

    /// <summary>Sends a global interrupt to another CPU from now on. False when no unit has it, or the APIC id is above 254.</summary>
    public static bool Retarget(uint globalInterrupt, uint apicId)
    {
        using (s_lock.Enter())
        {
            if (apicId > LargestDestination || !TryFind(globalInterrupt, out Unit unit, out uint register))
            {
                return false;
            }

            Write(unit, register + 1, apicId << DestinationShift);
            return true;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static bool TryFind(uint globalInterrupt, out Unit unit, out uint register)
    {
        for (int i = 0; i < s_count; i++)
        {
            unit = s_units[i & UnitMask];
            if (globalInterrupt >= unit.First && globalInterrupt - unit.First < unit.Count)
            {
                register = FirstRedirection + (2 * (globalInterrupt - unit.First));
                return true;
            }
        }

        unit = default;
        register = 0;
        return false;
    }

    private static bool Overlaps(in Unit left, in Unit right)
    {
        return left.First < right.First + right.Count && right.First < left.First + left.Count;
    }

    private static uint Read(in Unit unit, uint register)
    {
        Volatile.Write(ref *(uint*)(unit.Registers + SelectOffset), register);
        return Volatile.Read(ref *(uint*)(unit.Registers + WindowOffset));
    }

    private static void Write(in Unit unit, uint register, uint value)
    {
        Volatile.Write(ref *(uint*)(unit.Registers + SelectOffset), register);
        Volatile.Write(ref *(uint*)(unit.Registers + WindowOffset), value);
    }

    private struct Unit
    {
        internal byte* Registers;
        internal uint First;
        internal uint Count;
    }

    [InlineArray(MaximumUnits)]
    private struct UnitTable
    {
        private Unit _first;
    }
}
