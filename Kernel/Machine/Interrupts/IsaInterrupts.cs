using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// Where the sixteen ISA interrupts arrive: at the global interrupt of the same number, active high and edge-triggered, unless the
/// MADT overrides it (ACPI 6.5, section 5.2.12.5). Filled at boot, constant afterwards. May be read in any context.
/// </summary>
[Immutable]
public static class IsaInterrupts
{
    /// <summary>ISA interrupts.</summary>
    public const int Count = 16;

    private static OverrideTable s_overrides;
    private static ushort s_overridden;

    /// <summary>The line of ISA interrupt <paramref name="number"/>, 0 to 15.</summary>
    public static InterruptLine Line(int number)
    {
        return (uint)number < Count && (s_overridden & (1 << number)) != 0
            ? s_overrides[number]
            : new InterruptLine((uint)number, activeLow: false, levelTriggered: false);
    }

    /// <summary>Whether the MADT overrides where ISA interrupt <paramref name="number"/> arrives.</summary>
    public static bool IsOverridden(int number) => (uint)number < Count && (s_overridden & (1 << number)) != 0;

    /// <summary>Records an override; false if <paramref name="number"/> is no ISA interrupt.</summary>
    [BeforePublication]
    internal static bool Override(int number, InterruptLine line)
    {
        if ((uint)number >= Count)
        {
            return false;
        }

        s_overrides[number] = line;
        s_overridden |= (ushort)(1 << number);
        return true;
    }

    [InlineArray(Count)]
    private struct OverrideTable
    {
        private InterruptLine _first;
    }
}
