using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>The controller of a PC.</summary>
/// <param name="data">Port 0x60.</param>
/// <param name="command">Port 0x64.</param>
public sealed class PortRegisters(PortRange data, PortRange command) : Ps2Registers
{
    /// <summary>Port of data.</summary>
    public const ushort DataPort = 0x60;

    /// <summary>Port of commands and status.</summary>
    public const ushort CommandPort = 0x64;

    /// <inheritdoc/>
    public override ulong Now => Clock.MonotonicNanoseconds;

    /// <inheritdoc/>
    public override byte ReadStatus() => command.Read8(0);

    /// <inheritdoc/>
    public override byte ReadData() => data.Read8(0);

    /// <inheritdoc/>
    public override void WriteCommand(byte value) => command.Write8(0, value);

    /// <inheritdoc/>
    public override void WriteData(byte value) => data.Write8(0, value);

    /// <inheritdoc/>
    public override void Pause(ulong nanoseconds) => Clock.Delay(nanoseconds);
}
