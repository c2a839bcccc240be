using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>The two 8259A interrupt controllers (Intel 8259A data sheet), which the kernel only silences.</summary>
internal static class LegacyPic
{
    private const ushort FirstCommand = 0x20;
    private const ushort FirstData = 0x21;
    private const ushort SecondCommand = 0xA0;
    private const ushort SecondData = 0xA1;

    // ICW1: edge-triggered, cascaded, ICW4 follows. ICW4: 8086 mode.
    private const byte Icw1 = 0x11;
    private const byte Icw4 = 0x01;

    // Between the exceptions and Vectors.FirstDevice.
    private const byte FirstVector = 32;
    private const byte CascadeMask = 1 << 2;
    private const byte CascadeInput = 2;

    /// <summary>
    /// Masks all sixteen inputs, after moving their vectors away from the exceptions, because a masked controller can still deliver a
    /// spurious interrupt. Boot CPU, once.
    /// </summary>
    internal static void Disable()
    {
        Ports.Out8(FirstCommand, Icw1);
        Ports.Out8(SecondCommand, Icw1);
        Ports.Out8(FirstData, FirstVector);
        Ports.Out8(SecondData, FirstVector + 8);
        Ports.Out8(FirstData, CascadeMask);
        Ports.Out8(SecondData, CascadeInput);
        Ports.Out8(FirstData, Icw4);
        Ports.Out8(SecondData, Icw4);
        Ports.Out8(FirstData, 0xFF);
        Ports.Out8(SecondData, 0xFF);
    }
}
