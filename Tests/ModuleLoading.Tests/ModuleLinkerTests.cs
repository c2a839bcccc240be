using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Loading;
using Xunit;

namespace CosmosKernel.Tests.ModuleLoading;

/// <summary>What the loader makes of objects, whatever is in them.</summary>
public sealed class ModuleLinkerTests
{
    private const ulong Start = 0xFFFF_FFFF_C010_0000;
    private const ulong Write = 1;
    private const ulong Allocated = 2;
    private const ulong Execute = 4;
    private const ulong KernelSymbol = 0xFFFF_FFFF_8123_4567;

    [Fact]
    public void Code_constants_and_data_lie_on_pages_of_their_own_and_relocations_hold_the_right_values()
    {
        byte[] file = Sample().Build();
        ElfObject elf = ElfObject.Parse(file);
        ModuleLayout layout = ModuleLayout.Of(elf);
        Assert.Equal(0, layout.StartOf(ModuleRights.Code));
        Assert.Equal(4096, layout.StartOf(ModuleRights.Constant));
        Assert.Equal(8192, layout.StartOf(ModuleRights.Data));
        Assert.Equal(8192, layout.LengthOf(ModuleRights.Data));
        Assert.Equal(16384, layout.Length);

        var missing = new List<string>();
        byte[] image = ModuleLinker.Link(elf, layout, Start, Find, missing);
        Assert.Empty(missing);
        Assert.Equal(8192 + 16, image.Length);

        // A call of the kernel from offset 4, and a read of the data from offset 12.
        Assert.Equal(unchecked((int)(KernelSymbol - 4 - (Start + 4))), BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(4)));
        Assert.Equal(8192 + 8 - 4 - 12, BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(12)));
        Assert.Equal(Start + 3 + 16, BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(8192)));
    }

    [Fact]
    public void All_symbols_that_nobody_has_are_named()
    {
        ObjectBuilder builder = Sample();
        builder.Symbol("gone_one", 0, 0);
        builder.Symbol("gone_two", 0, 0);
        ElfObject elf = ElfObject.Parse(builder.Build());
        var missing = new List<string>();
        ModuleLinker.Link(elf, ModuleLayout.Of(elf), Start, Find, missing);
        Assert.Equal(["gone_one", "gone_two"], missing);
    }

    [Fact]
    public void Exports_are_found_by_name_and_no_others()
    {
        ElfObject elf = ElfObject.Parse(Sample().Build());
        ExportTable exports = ExportTable.Of(elf, ModuleLayout.Of(elf));
        Assert.True(exports.TryFind(ExportTable.Hash("Data"), out int offset));
        Assert.Equal(8192 + 8, offset);
        Assert.False(exports.TryFind(ExportTable.Hash("local"), out _));
        Assert.False(exports.TryFind(ExportTable.Hash("kernel_function"), out _));
    }

    [Fact]
    public void Hash_is_the_one_that_the_build_writes()
    {
        // Published values of 64-bit FNV-1a.
        Assert.Equal(0xCBF2_9CE4_8422_2325ul, ExportTable.Hash(""));
        Assert.Equal(0xAF63_DC4C_8601_EC8Cul, ExportTable.Hash("a"));
        Assert.Equal(0x8594_4171_F739_67E8ul, ExportTable.Hash("foobar"));
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(4u)]
    [InlineData(10u)]
    [InlineData(11u)]
    public void Relocation_that_does_not_reach_is_refused(uint type)
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[16]);
        int symbol = builder.Symbol("far", ElfSymbol.Absolute, type == 11 ? 0x8000_0000ul : 0x1_0000_0000_0000ul);
        builder.Relocate(text, (0, type, symbol, 0));
        Refused(builder, "does not reach");
    }

    [Theory]
    [InlineData(13ul, 2u)]
    [InlineData(9ul, 1u)]
    [InlineData(ulong.MaxValue, 1u)]
    [InlineData(ulong.MaxValue - 6, 1u)]
    [InlineData(16ul, 2u)]
    public void Relocation_outside_of_its_section_is_refused(ulong place, uint type)
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[16]);
        int symbol = builder.Symbol("here", text, 0);
        builder.Relocate(text, (place, type, symbol, 0));
        Refused(builder, "outside of section .text");
    }

    [Fact]
    public void Unknown_relocation_is_refused_by_its_number()
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[16]);
        builder.Relocate(text, (0, 19, builder.Symbol("here", text, 0), 0));
        Refused(builder, "type 19");
    }

    [Fact]
    public void Relocation_of_a_symbol_that_is_not_there_is_refused()
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[16]);
        builder.Relocate(text, (0, 1, 99, 0));
        Refused(builder, "symbol 99");
    }

    [Fact]
    public void Section_that_is_not_loaded_cannot_be_referred_to()
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[16]);
        int notes = builder.Section(".debug_info", 0, new byte[16]);
        builder.Relocate(text, (0, 1, builder.Symbol("note", notes, 0), 0));
        Refused(builder, "not loaded");
    }

    [Fact]
    public void Writable_code_is_refused()
    {
        var builder = new ObjectBuilder();
        builder.Section(".text", Allocated | Execute | Write, new byte[16]);
        builder.Symbol("here", 1, 0);
        Refused(builder, "writable and executable");
    }

    [Fact]
    public void Length_without_bits_that_nobody_can_have_is_refused()
    {
        foreach (ulong length in (ulong[])[(256ul << 20) + 1, ulong.MaxValue, 1ul << 63, uint.MaxValue])
        {
            var builder = new ObjectBuilder();
            builder.Section(".text", Allocated | Execute, new byte[16]);
            builder.Zeros(".bss", length);
            Refused(builder, "");
        }

        // Each fits, all together do not.
        var many = new ObjectBuilder();
        for (int i = 0; i < 40; i++)
        {
            many.Zeros(".bss" + i, 200 << 20);
        }

        Refused(many, "256 MiB");
    }

    [Fact]
    public void Truncated_anywhere_is_refused()
    {
        byte[] file = Sample().Build();
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            Assert.Throws<ModuleLoadException>(() => LinkAll(cut));
        }
    }

    [Fact]
    public void Whatever_byte_is_wrong_nothing_but_a_refusal_comes_of_it()
    {
        byte[] file = Sample().Build();
        int refused = 0;
        foreach (byte value in (byte[])[0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF])
        {
            for (int at = 0; at < file.Length; at++)
            {
                byte[] damaged = (byte[])file.Clone();
                damaged[at] = value;
                refused += TryLink(damaged) ? 0 : 1;
            }
        }

        Assert.InRange(refused, 100, 7 * file.Length);
    }

    [Fact]
    public void Whatever_words_are_wrong_nothing_but_a_refusal_comes_of_it()
    {
        byte[] file = Sample().Build();
        var random = new Random(20260);
        ulong[] values = [0, 1, 7, 8, 0x1000, int.MaxValue, 0x8000_0000, uint.MaxValue, long.MaxValue, 1ul << 63, ulong.MaxValue - 7, ulong.MaxValue];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = (byte[])file.Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int width = random.Next(2) == 0 ? 4 : 8;
                int at = random.Next((file.Length - 8) / 4) * 4;
                var word = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(word, values[random.Next(values.Length)]);
                word.AsSpan(0, width).CopyTo(damaged.AsSpan(at));
            }

            TryLink(damaged);
        }
    }

    [Fact]
    public void Kernels_exports_are_read_and_damaged_ones_refused()
    {
        byte[] table = Exports(("alpha", 0x10), ("beta", 0x2000));
        Assert.True(KernelExports.TryRead(table, out KernelExports exports));
        Assert.Equal(2, exports.Count);
        Assert.True(exports.TryFind(ExportTable.Hash("beta"), out ulong address));
        Assert.Equal(0xFFFF_FFFF_8000_2000ul, address);
        Assert.False(exports.TryFind(ExportTable.Hash("gamma"), out _));
        for (int at = 0; at < 40; at++)
        {
            foreach (byte value in (byte[])[0, 0x80, 0xFF])
            {
                byte[] damaged = (byte[])table.Clone();
                damaged[at] = value;
                if (KernelExports.TryRead(damaged, out KernelExports read))
                {
                    read.TryFind(ExportTable.Hash("beta"), out _);
                }
            }
        }

        for (int length = 0; length < table.Length; length++)
        {
            Assert.False(KernelExports.TryRead(table.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void Unwind_entries_must_be_whole_with_their_common_entry()
    {
        var entries = new byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(entries, 8); // common entry: 8 bytes behind its length
        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(12), 16); // entry: the rest
        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(16), 16);
        Assert.True(UnwindCheck.IsEntry(entries, 12));
        Assert.False(UnwindCheck.IsEntry(entries, 0));
        foreach (uint offset in (uint[])[13, 24, 28, 31, 32, 33, uint.MaxValue, uint.MaxValue - 7])
        {
            Assert.False(UnwindCheck.IsEntry(entries, offset));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(12), 17);
        Assert.False(UnwindCheck.IsEntry(entries, 12));
    }

    [Fact]
    public void Modinfo_gives_name_and_needs()
    {
        ModuleInformation information = ModuleInformation.Parse("name=a-b_1\0version=1.2.3\0depends=x, y\0alias=one\0alias=two"u8);
        Assert.Equal("a-b_1", information.Name);
        Assert.Equal(["x", "y"], information.Depends);
        Assert.Equal("1.2.3", information.Get("version"));
        Assert.Equal("one", information.Get("alias"));
        Assert.Equal("", information.Get("license"));
        foreach (string bad in (string[])["", "name=\0", "name=a b\0", "name=a/b\0", "name=" + new string('x', 56) + "\0", "\0\0\0", "=x\0"])
        {
            Assert.Throws<ModuleLoadException>(() => ModuleInformation.Parse(Encoding.UTF8.GetBytes(bad)));
        }
    }

    [Fact]
    public void Parameters_are_words_with_quotes()
    {
        Assert.Equal(
            [new("a", "1"), new("b", null), new("c", "x y=z"), new("d", "")],
            ParameterLine.Split("  a=1 b\tc=\"x y=z\"\n d= "));
        Assert.Empty(ParameterLine.Split(" \t\n"));
    }

    private static ObjectBuilder Sample()
    {
        var builder = new ObjectBuilder();
        int text = builder.Section(".text", Allocated | Execute, new byte[64], 32);
        builder.Section(".rodata", Allocated, new byte[24]);
        int data = builder.Section(".data", Allocated | Write, new byte[16], 16);
        builder.Zeros(".bss", 5000);
        builder.Section(".modinfo", Allocated, Encoding.ASCII.GetBytes("name=sample\0depends=\0"), 1);
        int local = builder.Symbol("local", text, 3, global: false);
        int imported = builder.Symbol("kernel_function", 0, 0);
        int exported = builder.Symbol("Data", data, 8);
        builder.Relocate(text, (4, 4, imported, -4), (12, 2, exported, -4));
        builder.Relocate(data, (0, 1, local, 16));
        return builder;
    }

    private static byte[] Exports(params (string Name, uint Value)[] symbols)
    {
        Array.Sort(symbols, static (left, right) => ExportTable.Hash(left.Name).CompareTo(ExportTable.Hash(right.Name)));
        var table = new byte[40 + (symbols.Length * 12)];
        BinaryPrimitives.WriteUInt32LittleEndian(table, 0x5058_454B);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(8), (uint)table.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(12), (uint)symbols.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(16), 0xFFFF_FFFF_8000_0000);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(24), 40);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(28), (uint)(40 + (symbols.Length * 8)));
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(32), (uint)table.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(40 + (i * 8)), ExportTable.Hash(symbols[i].Name));
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(40 + (symbols.Length * 8) + (i * 4)), symbols[i].Value);
        }

        return table;
    }

    private static void Refused(ObjectBuilder builder, string why)
    {
        byte[] file = builder.Build();
        ModuleLoadException refusal = Assert.Throws<ModuleLoadException>(() => LinkAll(file));
        Assert.Equal(ModuleLoadError.Format, refusal.Error);
        Assert.Contains(why, refusal.Message);
    }

    private static bool TryLink(byte[] file)
    {
        try
        {
            LinkAll(file);
            return true;
        }
        catch (ModuleLoadException)
        {
            return false;
        }
    }

    private static void LinkAll(byte[] file)
    {
        ElfObject elf = ElfObject.Parse(file);
        ModuleLayout layout = ModuleLayout.Of(elf);
        ExportTable.Of(elf, layout);
        ModuleLinker.Link(elf, layout, Start, Find, []);
    }

    private static bool Find(bool isTypeObject, ulong hash, out ulong address)
    {
        address = KernelSymbol;
        return hash == ExportTable.Hash("kernel_function");
    }
}
