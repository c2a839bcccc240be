using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Machine.Acpi;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class RootPointerTests
{
    private static byte[] Build(byte revision, uint rsdt, ulong xsdt)
    {
        byte[] bytes = new byte[36];
        Encoding.ASCII.GetBytes("RSD PTR ").CopyTo(bytes, 0);
        bytes[15] = revision;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), rsdt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), 36);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), xsdt);
        TableBuilder.FixChecksum(bytes.AsSpan(0, 20), 8);
        TableBuilder.FixChecksum(bytes, 32);
        return bytes;
    }

    [Fact]
    public void Revision_2_gives_the_xsdt()
    {
        Assert.Equal(TableStatus.Valid, RootPointer.Read(Build(2, 0x1000, 0x1_2345_6000), out RootPointer pointer));
        Assert.True(pointer.IsExtended);
        Assert.Equal(0x1_2345_6000ul, pointer.RootTableAddress);
    }

    [Fact]
    public void Revision_0_gives_the_rsdt_even_with_bytes_behind_it()
    {
        Assert.Equal(TableStatus.Valid, RootPointer.Read(Build(0, 0x7FE0_0000, 0x5000), out RootPointer pointer));
        Assert.False(pointer.IsExtended);
        Assert.Equal(0x7FE0_0000ul, pointer.RootTableAddress);
    }

    [Fact]
    public void A_wrong_extended_checksum_falls_back_to_the_rsdt()
    {
        byte[] bytes = Build(2, 0x1000, 0x2000);
        bytes[33] ^= 1;
        Assert.Equal(TableStatus.Valid, RootPointer.Read(bytes, out RootPointer pointer));
        Assert.False(pointer.IsExtended);
        Assert.Equal(0x1000ul, pointer.RootTableAddress);
    }

    [Fact]
    public void Revision_2_cut_to_20_bytes_falls_back_to_the_rsdt()
    {
        Assert.Equal(TableStatus.Valid, RootPointer.Read(Build(2, 0x1000, 0x2000).AsSpan(0, 20), out RootPointer pointer));
        Assert.False(pointer.IsExtended);
    }

    [Fact]
    public void Each_damage_has_its_status()
    {
        Assert.Equal(TableStatus.BadLength, RootPointer.Read(new byte[19], out _));
        Assert.Equal(TableStatus.BadSignature, RootPointer.Read(new byte[36], out _));
        byte[] wrongSum = Build(0, 0x1000, 0);
        wrongSum[16] ^= 0x80;
        Assert.Equal(TableStatus.BadChecksum, RootPointer.Read(wrongSum, out _));
        Assert.Equal(TableStatus.BadValue, RootPointer.Read(Build(0, 0, 0), out _));
    }

    [Fact]
    public void The_search_finds_a_pointer_at_a_multiple_of_16_and_skips_false_ones()
    {
        byte[] area = new byte[1024];
        Encoding.ASCII.GetBytes("RSD PTR ").CopyTo(area, 64);
        Build(2, 0x1000, 0x2000).CopyTo(area, 40);
        Assert.Equal(-1, RootPointer.Find(area));
        Build(2, 0x1000, 0x2000).CopyTo(area, 512);
        Assert.Equal(512, RootPointer.Find(area));
        Assert.Equal(-1, RootPointer.Find(area.AsSpan(0, 531)));
        Assert.Equal(-1, RootPointer.Find(default));
    }
}
