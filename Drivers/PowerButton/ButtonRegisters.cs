using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.PowerButton;

/// <summary>The event registers of ACPI's fixed hardware: a class of its own, so that tests can put registers there that misbehave. Any context but NMI; nothing allocates or throws.</summary>
[NoAllocation]
public abstract class ButtonRegisters
{
    /// <summary>Reads which events have happened.</summary>
    public abstract ushort ReadStatus();

    /// <summary>Takes events back: writes ones.</summary>
    public abstract void ClearStatus(ushort events);

    /// <summary>Reads which events interrupt.</summary>
    public abstract ushort ReadEnabled();

    /// <summary>Sets which events interrupt.</summary>
    public abstract void WriteEnabled(ushort events);
}
