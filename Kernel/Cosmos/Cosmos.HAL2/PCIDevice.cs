using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>
/// A PCI function (PCI Local Bus 3.0, section 6.1). Its registers are reached as the machine has it, through memory or ports; those that drivers use are not to be changed. Any task.
/// </summary>
public partial class PCIDevice
{
    /// <summary>The port that selects a register, on machines that have it.</summary>
    public const ushort ConfigAddressPort = 0xCF8;

    /// <summary>The port of the selected register.</summary>
    public const ushort ConfigDataPort = 0xCFC;

    /// <summary>Bus.</summary>
    public readonly uint bus;

    /// <summary>Device on the bus.</summary>
    public readonly uint slot;

    /// <summary>Function of the device.</summary>
    public readonly uint function;

    /// <summary>First base address register.</summary>
    public readonly uint BAR0;

    /// <summary>Vendor.</summary>
    public readonly ushort VendorID;

    /// <summary>Device, by the vendor's numbers.</summary>
    public readonly ushort DeviceID;

    /// <summary>Status register.</summary>
    public readonly ushort Status;

    /// <summary>Revision.</summary>
    public readonly byte RevisionID;

    /// <summary>Programming interface.</summary>
    public readonly byte ProgIF;

    /// <summary>Subclass.</summary>
    public readonly byte Subclass;

    /// <summary>Class.</summary>
    public readonly byte ClassCode;

    /// <summary>The bus behind a bridge; 0 for others.</summary>
    public readonly byte SecondaryBusNumber;

    /// <summary>Whether there is such a function.</summary>
    public readonly bool DeviceExists;

    /// <summary>Layout of its header.</summary>
    public readonly PCIHeaderType HeaderType;

    /// <summary>State of its self-test.</summary>
    public readonly PCIBist BIST;

    /// <summary>Its interrupt pin.</summary>
    public readonly PCIInterruptPIN InterruptPIN;

    /// <summary>Its base address registers: six of a device, two of a bridge.</summary>
    [Immutable]
    public readonly PCIBaseAddressBar[] BaseAddressBar;

    private readonly PciAddress _address;

    /// <summary>Reads a function's header.</summary>
    public PCIDevice(uint bus, uint slot, uint function)
    {
        this.bus = bus;
        this.slot = slot;
        this.function = function;
        _address = new PciAddress(0, (byte)bus, (byte)slot, (byte)function);
        VendorID = ReadRegister16((byte)Config.VendorID);
        DeviceID = ReadRegister16((byte)Config.DeviceID);
        DeviceExists = VendorID is not (0xFFFF or 0);
        Status = ReadRegister16((byte)Config.Status);
        RevisionID = ReadRegister8((byte)Config.RevisionID);
        ProgIF = ReadRegister8((byte)Config.ProgIF);
        Subclass = ReadRegister8((byte)Config.SubClass);
        ClassCode = ReadRegister8((byte)Config.Class);
        HeaderType = (PCIHeaderType)(ReadRegister8((byte)Config.HeaderType) & 0x7F);
        BIST = (PCIBist)ReadRegister8((byte)Config.BIST);
        InterruptPIN = (PCIInterruptPIN)ReadRegister8((byte)Config.InterruptPIN);
        InterruptLine = ReadRegister8((byte)Config.InterruptLine);
        SecondaryBusNumber = DeviceExists && HeaderType == PCIHeaderType.Bridge ? ReadRegister8((byte)Config.SecondaryBusNo) : (byte)0;
        int bars = !DeviceExists ? 0 : HeaderType switch { PCIHeaderType.Normal => 6, PCIHeaderType.Bridge => 2, _ => 0 };
        BaseAddressBar = new PCIBaseAddressBar[bars];
        for (int i = 0; i < bars; i++)
        {
            BaseAddressBar[i] = new PCIBaseAddressBar(ReadRegister32((byte)((byte)Config.BAR0 + (4 * i))));
        }

        BAR0 = bars > 0 ? ReadRegister32((byte)Config.BAR0) : 0;
    }

    /// <summary>Layouts of headers.</summary>
    public enum PCIHeaderType : byte
    {
        /// <summary>A device.</summary>
        Normal = 0x00,

        /// <summary>A bridge.</summary>
        Bridge = 0x01,

        /// <summary>A bridge to CardBus.</summary>
        Cardbus = 0x02,
    }

    /// <summary>Bits of the self-test's register.</summary>
    public enum PCIBist : byte
    {
        /// <summary>Its result.</summary>
        CocdMask = 0x0f,

        /// <summary>Starts it.</summary>
        Start = 0x40,

        /// <summary>There is one.</summary>
        Capable = 0x80,
    }

    /// <summary>Interrupt pins.</summary>
    public enum PCIInterruptPIN : byte
    {
        /// <summary>None.</summary>
        None = 0x00,

        /// <summary>A.</summary>
        INTA = 0x01,

        /// <summary>B.</summary>
        INTB = 0x02,

        /// <summary>C.</summary>
        INTC = 0x03,

        /// <summary>D.</summary>
        INTD = 0x04,
    }

    /// <summary>Bits of the command register.</summary>
    [Flags]
    public enum PCICommand : short
    {
        /// <summary>Answers on ports.</summary>
        IO = 0x1,

        /// <summary>Answers in memory.</summary>
        Memory = 0x2,

        /// <summary>May be a bus master.</summary>
        Master = 0x4,

        /// <summary>Answers to special cycles.</summary>
        Special = 0x8,

        /// <summary>May use memory write and invalidate.</summary>
        Invalidate = 0x10,

        /// <summary>Watches the palette.</summary>
        VGA_Pallete = 0x20,

        /// <summary>Checks parity.</summary>
        Parity = 0x40,

        /// <summary>Steps.</summary>
        Wait = 0x80,

        /// <summary>Reports system errors.</summary>
        SERR = 0x100,

        /// <summary>May use fast back-to-back writes.</summary>
        Fast_Back = 0x200,
    }

    /// <summary>Offsets of registers.</summary>
    public enum Config : byte
    {
        /// <summary>Vendor.</summary>
        VendorID = 0,

        /// <summary>Device.</summary>
        DeviceID = 2,

        /// <summary>Command.</summary>
        Command = 4,

        /// <summary>Status.</summary>
        Status = 6,

        /// <summary>Revision.</summary>
        RevisionID = 8,

        /// <summary>Programming interface.</summary>
        ProgIF = 9,

        /// <summary>Subclass.</summary>
        SubClass = 10,

        /// <summary>Class.</summary>
        Class = 11,

        /// <summary>Cache line size.</summary>
        CacheLineSize = 12,

        /// <summary>Latency timer.</summary>
        LatencyTimer = 13,

        /// <summary>Layout of the header.</summary>
        HeaderType = 14,

        /// <summary>Self-test.</summary>
        BIST = 15,

        /// <summary>First base address.</summary>
        BAR0 = 16,

        /// <summary>Second base address.</summary>
        BAR1 = 20,

        /// <summary>Bus before a bridge.</summary>
        PrimaryBusNo = 24,

        /// <summary>Bus behind a bridge.</summary>
        SecondaryBusNo = 25,

        /// <summary>Last bus behind a bridge.</summary>
        SubBusNo = 26,

        /// <summary>Latency timer behind a bridge.</summary>
        SecondarylatencyTimer = 27,

        /// <summary>First capability.</summary>
        CapabilityPointer = 52,

        /// <summary>Interrupt line.</summary>
        InterruptLine = 60,

        /// <summary>Interrupt pin.</summary>
        InterruptPIN = 61,
    }

    /// <summary>ISA interrupt that the firmware gave it, or 255.</summary>
    public byte InterruptLine { get; }

    /// <summary>Command register.</summary>
    public PCICommand Command
    {
        get => (PCICommand)ReadRegister16((byte)Config.Command);
        set => WriteRegister16((byte)Config.Command, (ushort)value);
    }

    /// <summary>For the kernel to note that it uses the device.</summary>
    [Atomic]
    public bool Claimed { get; set; }

    /// <summary>Layout of the header at a place.</summary>
    public static ushort GetHeaderType(ushort Bus, ushort Slot, ushort Function) =>
        PciConfiguration.Read8(new PciAddress(0, (byte)Bus, (byte)Slot, (byte)Function), (int)Config.HeaderType);

    /// <summary>Vendor at a place; 0xFFFF when there is none.</summary>
    public static ushort GetVendorID(ushort Bus, ushort Slot, ushort Function) =>
        PciConfiguration.Read16(new PciAddress(0, (byte)Bus, (byte)Slot, (byte)Function), (int)Config.VendorID);

    /// <summary>Lets it answer, and be a bus master.</summary>
    public void EnableDevice() => Command |= PCICommand.Master | PCICommand.IO | PCICommand.Memory;

    /// <summary>Lets it answer, and be a bus master, or neither.</summary>
    public void EnableMemory(bool enable)
    {
        const PCICommand All = PCICommand.Master | PCICommand.IO | PCICommand.Memory;
        Command = enable ? Command | All : Command & ~All;
    }

    /// <summary>Lets it be a bus master, or not.</summary>
    public void EnableBusMaster(bool enable) => Command = enable ? Command | PCICommand.Master : Command & ~PCICommand.Master;

    /// <summary>Reads a register of 8 bits.</summary>
    public byte ReadRegister8(byte aRegister) => PciConfiguration.Read8(_address, aRegister);

    /// <summary>Writes a register of 8 bits.</summary>
    public void WriteRegister8(byte aRegister, byte value) => PciConfiguration.Write8(_address, aRegister, value);

    /// <summary>Reads a register of 16 bits.</summary>
    public ushort ReadRegister16(byte aRegister) => PciConfiguration.Read16(_address, aRegister);

    /// <summary>Writes a register of 16 bits.</summary>
    public void WriteRegister16(byte aRegister, ushort value) => PciConfiguration.Write16(_address, aRegister, value);

    /// <summary>Reads a register of 32 bits.</summary>
    public uint ReadRegister32(byte aRegister) => PciConfiguration.Read32(_address, aRegister);

    /// <summary>Writes a register of 32 bits.</summary>
    public void WriteRegister32(byte aRegister, uint value) => PciConfiguration.Write32(_address, aRegister, value);
}
