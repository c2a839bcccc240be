using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>The machine's own registers, which the kernel reads too.</summary>
internal sealed class MachineCmos : CmosRegisters
{
    /// <inheritdoc/>
    public override byte Read(byte index) => CmosMemory.Read(index);

    /// <inheritdoc/>
    public override void Write(byte index, byte value) => CmosMemory.Write(index, value);

    /// <inheritdoc/>
    public override void Pause(ulong nanoseconds) => Clock.Delay(nanoseconds);
}
