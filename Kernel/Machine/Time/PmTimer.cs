using System.Threading;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Time;

/// <summary>The ACPI power management timer (ACPI 6.5, section 4.8.2.1): 24 or 32 bits at 3,579,545 Hz. Reading may be done in any context.</summary>
[Immutable]
internal static unsafe class PmTimer
{
    /// <summary>Ticks per second.</summary>
    internal const ulong Frequency = 3_579_545;

    private static ushort s_port;
    private static uint* s_register;

    /// <summary>Whether the machine has one that counts.</summary>
    internal static bool Exists { get; private set; }

    /// <summary>Bits in which the counter counts, all ones: 24 or 32 of them.</summary>
    internal static ulong CounterMask { get; private set; }

    /// <summary>The counter, within <see cref="CounterMask"/>.</summary>
    internal static ulong Counter => (s_register != null ? Volatile.Read(ref *s_register) : Ports.In32(s_port)) & CounterMask;

    /// <summary>Finds the timer through the FADT. False when there is none, or it stands still. Boot CPU, once.</summary>
    [BeforePublication]
    internal static bool Initialize(GenericAddress register, bool is32Bits)
    {
        if (register.IsPort)
        {
            s_port = (ushort)register.Address;
        }
        else if (register.Exists && register.Space == AddressSpaceKind.SystemMemory)
        {
            s_register = (uint*)DirectMap.ToVirtual(register.Address);
        }
        else
        {
            return false;
        }

        CounterMask = is32Bits ? uint.MaxValue : 0xFF_FFFF;
        ulong first = Counter;
        for (int i = 0; i < 1_000_000; i++)
        {
            if (Counter != first)
            {
                Exists = true;
                return true;
            }
        }

        return false;
    }
}
