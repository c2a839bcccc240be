using System;
using CosmosKernel.Machine.Acpi;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class FadtTests
{
    private const uint TimerIs32Bits = 1 << 8;
    private const uint CanReset = 1 << 10;

    private static TableBuilder First(byte revision, uint flags, ushort bootArchitecture = 0)
    {
        return new TableBuilder("FACP", revision)
            .U32(0).U32(0x7FE0_1000)
            .PadTo(46).U16(9).U32(0xB2).U8(0xF1).U8(0xF0)
            .PadTo(64).U32(0x604).U32(0)
            .PadTo(76).U32(0x608)
            .PadTo(88).Bytes(4, 2, 0, 4)
            .PadTo(108).U8(0x32).U16(bootArchitecture).U8(0).U32(flags);
    }

    [Fact]
    public void The_table_of_acpi_1_is_enough()
    {
        Assert.Equal(TableStatus.Valid, Fadt.Read(First(1, TimerIs32Bits).Build(), out Fadt fadt));
        Assert.Equal(0x7FE0_1000ul, fadt.DsdtAddress);
        Assert.Equal(9, fadt.SciInterrupt);
        Assert.Equal(0xB2u, fadt.SmiCommandPort);
        Assert.Equal(0xF1, fadt.AcpiEnableValue);
        Assert.True(fadt.Pm1aControl.IsPort);
        Assert.Equal(0x604ul, fadt.Pm1aControl.Address);
        Assert.Equal(16, fadt.Pm1aControl.BitWidth);
        Assert.False(fadt.Pm1bControl.Exists);
        Assert.Equal(0x608ul, fadt.PmTimer.Address);
        Assert.True(fadt.IsPmTimer32Bits);
        Assert.Equal(0x32, fadt.CenturyIndex);
        Assert.False(fadt.CanReset);
        Assert.True(fadt.MayHaveKeyboardController);
        Assert.True(fadt.MayHaveCmosClock);
    }

    [Fact]
    public void Extended_fields_replace_the_first_ones_when_they_are_not_zero()
    {
        byte[] table = First(3, CanReset, bootArchitecture: 1 << 5)
            .Address(1, 8, 0xCF9).U8(0x0F)
            .PadTo(140).U64(0x1_0000_2000)
            .PadTo(172).Address(1, 16, 0x1804)
            .PadTo(208).Address(0, 32, 0xFED8_0808)
            .PadTo(244)
            .Build();
        Assert.Equal(TableStatus.Valid, Fadt.Read(table, out Fadt fadt));
        Assert.Equal(0x1_0000_2000ul, fadt.DsdtAddress);
        Assert.Equal(0x1804ul, fadt.Pm1aControl.Address);
        Assert.Equal(AddressSpaceKind.SystemMemory, fadt.PmTimer.Space);
        Assert.Equal(0xFED8_0808ul, fadt.PmTimer.Address);
        Assert.False(fadt.IsPmTimer32Bits);
        Assert.True(fadt.CanReset);
        Assert.Equal(0xCF9ul, fadt.ResetRegister.Address);
        Assert.Equal(0x0F, fadt.ResetValue);
        Assert.False(fadt.MayHaveKeyboardController);
        Assert.False(fadt.MayHaveCmosClock);
        Assert.False(fadt.SleepControl.Exists);
    }

    [Fact]
    public void A_reset_register_without_its_flag_is_not_used()
    {
        byte[] table = First(3, 0).Address(1, 8, 0xCF9).U8(0x0F).PadTo(244).Build();
        Assert.Equal(TableStatus.Valid, Fadt.Read(table, out Fadt fadt));
        Assert.True(fadt.ResetRegister.Exists);
        Assert.False(fadt.CanReset);
    }

    [Fact]
    public void A_port_above_16_bits_is_no_port()
    {
        byte[] table = First(3, 0).PadTo(172).Address(1, 16, 0x1_0604).PadTo(244).Build();
        Assert.Equal(TableStatus.Valid, Fadt.Read(table, out Fadt fadt));
        Assert.False(fadt.Pm1aControl.IsPort);
    }

    [Fact]
    public void A_table_shorter_than_acpi_1_is_refused()
    {
        byte[] table = new TableBuilder("FACP").PadTo(115).Build();
        Assert.Equal(TableStatus.BadLength, Fadt.Read(table, out Fadt fadt));
        Assert.Equal(0ul, fadt.DsdtAddress);
    }

    [Fact]
    public void Every_length_from_acpi_1_on_is_read_without_failing()
    {
        byte[] whole = First(6, CanReset).Address(1, 8, 0xCF9).U8(0x0F).PadTo(276).Build();
        for (int length = 116; length <= whole.Length; length++)
        {
            byte[] table = whole[..length];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), (uint)length);
            TableBuilder.FixChecksum(table, 9);
            Assert.Equal(TableStatus.Valid, Fadt.Read(table, out Fadt fadt));
            Assert.Equal(length >= 128, fadt.CanReset);
        }
    }
}
