using CosmosKernel.Machine.Acpi;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>Wires the local pins of a CPU's APIC that carry NMI, as the MADT lists them.</summary>
internal static class LocalInterruptPins
{
    /// <summary>Sets up the pins of the CPU that calls. Without a MADT, pin 1 is NMI, as on every PC. Interrupts off.</summary>
    /// <param name="processorUid">The CPU's identity in the MADT.</param>
    internal static void Enable(ulong processorUid)
    {
        if (!AcpiTables.TryReadMadt(out Madt madt))
        {
            LocalApic.EnableNmiPin(1, activeLow: false, levelTriggered: false);
            return;
        }

        foreach (MadtEntry entry in madt)
        {
            if (entry.AppliesToProcessor((uint)processorUid))
            {
                // NMI is edge-triggered whatever the table says (Intel SDM vol. 3A, section 11.5.1).
                LocalApic.EnableNmiPin(entry.LocalPin, entry.IsActiveLow, levelTriggered: false);
            }
        }
    }
}
