using System;
using System.Buffers.Binary;
using CosmosKernel.Machine.Acpi;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class SystemTableTests
{
    private static byte[] Hpet()
    {
        return new TableBuilder("HPET").U32(0x8086_A201).Address(0, 64, 0xFED0_0000).U8(0).U16(100).U8(0).Build();
    }

    [Fact]
    public void The_hpet_table_gives_the_registers()
    {
        Assert.Equal(TableStatus.Valid, HpetTable.Read(Hpet(), out ulong address));
        Assert.Equal(0xFED0_0000ul, address);
    }

    [Theory]
    [InlineData(1, 0xFED0_0000)]
    [InlineData(0, 0)]
    [InlineData(0, 0xFED0_0001)]
    public void An_hpet_outside_memory_or_misaligned_is_refused(byte space, ulong address)
    {
        byte[] table = new TableBuilder("HPET").U32(0).Address(space, 64, address).U32(0).Build();
        Assert.Equal(TableStatus.BadValue, HpetTable.Read(table, out ulong read));
        Assert.Equal(0ul, read);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] table = Hpet();
        for (int length = 0; length < table.Length; length++)
        {
            Assert.Equal(TableStatus.BadLength, HpetTable.Read(table.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void Every_changed_byte_is_refused()
    {
        byte[] table = Hpet();
        for (int i = 0; i < table.Length; i++)
        {
            table[i] ^= 0x10;
            Assert.NotEqual(TableStatus.Valid, HpetTable.Read(table, out _));
            table[i] ^= 0x10;
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(35u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(SystemTable.MaximumLength + 1)]
    public void An_impossible_length_field_is_refused(uint length)
    {
        byte[] table = Hpet();
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), length);
        TableBuilder.FixChecksum(table, 9);
        Assert.Equal(TableStatus.BadLength, SystemTable.Check(table, "HPET"u8, out ReadOnlySpan<byte> whole));
        Assert.True(whole.IsEmpty);
    }

    [Fact]
    public void Bytes_behind_the_table_do_not_count()
    {
        byte[] longer = [.. Hpet(), 1, 2, 3];
        Assert.Equal(TableStatus.Valid, SystemTable.Check(longer, "HPET"u8, out ReadOnlySpan<byte> whole));
        Assert.Equal(longer.Length - 3, whole.Length);
    }

    [Fact]
    public void Root_tables_have_4_or_8_byte_entries()
    {
        byte[] rsdt = new TableBuilder("RSDT").U32(0x1000).U32(0x2000).Build();
        Assert.Equal(TableStatus.Valid, RootTable.Read(rsdt, extended: false, out RootTable root));
        Assert.Equal(2, root.Count);
        Assert.Equal(0x2000ul, root.Address(1));
        Assert.Equal(0ul, root.Address(2));
        Assert.Equal(0ul, root.Address(-1));

        byte[] xsdt = new TableBuilder("XSDT").U64(0x12_0000_1000).U32(7).Build();
        Assert.Equal(TableStatus.Valid, RootTable.Read(xsdt, extended: true, out root));
        Assert.Equal(1, root.Count);
        Assert.Equal(0x12_0000_1000ul, root.Address(0));
        Assert.Equal(TableStatus.BadSignature, RootTable.Read(xsdt, extended: false, out _));
    }

    [Fact]
    public void Mcfg_ranges_are_read_and_checked()
    {
        byte[] table = new TableBuilder("MCFG").U64(0).U64(0xB000_0000).U16(1).U8(2).U8(255).U32(0).Build();
        Assert.Equal(TableStatus.Valid, Mcfg.Read(table, out Mcfg mcfg));
        Assert.Equal(1, mcfg.Count);
        Assert.Equal(0xB000_0000ul, mcfg[0].PhysicalBase);
        Assert.Equal(1, mcfg[0].Segment);
        Assert.Equal(2, mcfg[0].FirstBus);
        Assert.Equal(255, mcfg[0].LastBus);

        byte[] noRange = new TableBuilder("MCFG").U64(0).Build();
        Assert.Equal(TableStatus.Valid, Mcfg.Read(noRange, out mcfg));
        Assert.Equal(0, mcfg.Count);

        byte[] backwards = new TableBuilder("MCFG").U64(0).U64(0xB000_0000).U16(0).U8(3).U8(2).U32(0).Build();
        Assert.Equal(TableStatus.BadEntry, Mcfg.Read(backwards, out _));
        byte[] misaligned = new TableBuilder("MCFG").U64(0).U64(0xB000_1000).U16(0).U8(0).U8(2).U32(0).Build();
        Assert.Equal(TableStatus.BadEntry, Mcfg.Read(misaligned, out _));
        byte[] half = new TableBuilder("MCFG").U64(0).U64(0xB000_0000).Build();
        Assert.Equal(TableStatus.BadLength, Mcfg.Read(half, out _));
    }
}
