using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.PowerButton;

/// <summary>An event block in I/O ports: status in its lower half, enable bits in its upper half (ACPI 6.5, section 4.8.3.1).</summary>
/// <param name="ports">The block.</param>
internal sealed class PortButtonRegisters(PortRange ports) : ButtonRegisters
{
    /// <inheritdoc/>
    public override ushort ReadStatus() => ports.Read16(0);

    /// <inheritdoc/>
    public override void ClearStatus(ushort events) => ports.Write16(0, events);

    /// <inheritdoc/>
    public override ushort ReadEnabled() => ports.Read16(ports.Count / 2);

    /// <inheritdoc/>
    public override void WriteEnabled(ushort events) => ports.Write16(ports.Count / 2, events);
}
