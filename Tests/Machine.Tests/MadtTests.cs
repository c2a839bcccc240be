using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Acpi;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class MadtTests
{
    private static TableBuilder Start()
    {
        return new TableBuilder("APIC").U32(0xFEE0_0000).U32(1);
    }

    private static byte[] Typical()
    {
        return Start()
            .Bytes(0, 8, 0, 0).U32(1)
            .Bytes(0, 8, 1, 4).U32(1)
            .Bytes(0, 8, 2, 6).U32(2)
            .Bytes(0, 8, 3, 0xFF).U32(1)
            .Bytes(1, 12, 7, 0).U32(0xFEC0_0000).U32(24)
            .Bytes(2, 10, 0, 0).U32(2).U16(0)
            .Bytes(2, 10, 0, 9).U32(9).U16(0xF)
            .Bytes(0x7F, 3, 0xAA)
            .Bytes(4, 6, 0xFF).U16(5).U8(1)
            .Bytes(9, 16, 0, 0).U32(0x1234).U32(1).U32(300)
            .Bytes(10, 12).U16(0).U32(300).Bytes(0, 0, 0, 0)
            .Build();
    }

    [Fact]
    public void Entries_are_read_in_order_and_unknown_kinds_are_stepped_over()
    {
        Assert.Equal(TableStatus.Valid, Madt.Read(Typical(), out Madt madt));
        List<byte> kinds = [];
        foreach (MadtEntry entry in madt)
        {
            kinds.Add((byte)entry.Kind);
        }

        Assert.Equal([0, 0, 0, 0, 1, 2, 2, 0x7F, 4, 9, 10], kinds);
        Assert.Equal(0xFEE0_0000ul, madt.LocalApicAddress);
        Assert.True(madt.HasLegacyControllers);
    }

    [Fact]
    public void Only_enabled_processors_with_a_real_id_are_usable()
    {
        Assert.Equal(TableStatus.Valid, Madt.Read(Typical(), out Madt madt));
        List<uint> ids = [];
        List<uint> uids = [];
        int pluggable = 0;
        foreach (MadtEntry entry in madt)
        {
            pluggable += entry.IsPluggableProcessor ? 1 : 0;
            if (entry.IsUsableProcessor)
            {
                ids.Add(entry.ApicId);
                uids.Add(entry.ProcessorUid);
            }
        }

        Assert.Equal([0u, 4u, 0x1234u], ids);
        Assert.Equal([0u, 1u, 300u], uids);
        Assert.Equal(1, pluggable);
    }

    [Fact]
    public void Wiring_fields_are_decoded()
    {
        Assert.Equal(TableStatus.Valid, Madt.Read(Typical(), out Madt madt));
        foreach (MadtEntry entry in madt)
        {
            switch (entry.Kind)
            {
                case MadtEntryKind.IoApic:
                    Assert.Equal(0xFEC0_0000ul, entry.IoApicAddress);
                    Assert.Equal(24u, entry.GlobalInterrupt);
                    Assert.Equal(7u, entry.ApicId);
                    break;
                case MadtEntryKind.SourceOverride when entry.Source == 0:
                    Assert.Equal(2u, entry.GlobalInterrupt);
                    Assert.False(entry.IsActiveLow);
                    Assert.False(entry.IsLevelTriggered);
                    break;
                case MadtEntryKind.SourceOverride:
                    Assert.Equal(9u, entry.GlobalInterrupt);
                    Assert.True(entry.IsActiveLow);
                    Assert.True(entry.IsLevelTriggered);
                    break;
                case MadtEntryKind.LocalApicNmi:
                    Assert.True(entry.AppliesToProcessor(77));
                    Assert.Equal(1, entry.LocalPin);
                    Assert.False(entry.IsActiveLow);
                    break;
                case MadtEntryKind.LocalX2ApicNmi:
                    Assert.True(entry.AppliesToProcessor(300));
                    Assert.False(entry.AppliesToProcessor(301));
                    Assert.Equal(0, entry.LocalPin);
                    break;
                default:
                    break;
            }
        }
    }

    [Fact]
    public void The_64_bit_address_wins()
    {
        byte[] table = Start().Bytes(5, 12, 0, 0).U64(0x12_FEE0_0000).Build();
        Assert.Equal(TableStatus.Valid, Madt.Read(table, out Madt madt));
        Assert.Equal(0x12_FEE0_0000ul, madt.LocalApicAddress);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 7)]
    [InlineData(1, 11)]
    [InlineData(2, 9)]
    [InlineData(9, 15)]
    [InlineData(0x7F, 1)]
    [InlineData(0, 9)]
    [InlineData(0, 255)]
    public void An_entry_that_is_too_short_or_runs_over_the_end_spoils_the_table(byte kind, byte length)
    {
        // Eight bytes follow the kind and length only if the length says at most 8.
        byte[] table = Start().Bytes(kind, length, 0, 0, 0, 0, 0, 0).Build();
        Assert.Equal(TableStatus.BadEntry, Madt.Read(table, out Madt madt));
        foreach (MadtEntry entry in madt)
        {
            Assert.Fail($"an ignored table has an entry of kind {entry.Kind}");
        }
    }

    [Fact]
    public void A_single_byte_at_the_end_is_malformed()
    {
        Assert.Equal(TableStatus.BadEntry, Madt.Read(Start().U8(0).Build(), out _));
    }

    [Fact]
    public void A_table_without_its_fixed_fields_is_truncated()
    {
        Assert.Equal(TableStatus.BadLength, Madt.Read(new TableBuilder("APIC").U32(0).Build(), out _));
        Assert.Equal(TableStatus.Valid, Madt.Read(Start().Build(), out _));
    }
}
