using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Image.Symbols;
using Xunit;

namespace CosmosKernel.Tests.Checks;

/// <summary>The table that the image tool writes, read by the very file that the kernel compiles.</summary>
public sealed unsafe class SymbolTableTests : IDisposable
{
    private SymbolTableView _table;

    private const ulong Base = 0xFFFFFFFF80000000;

    private readonly List<nint> _memory = [];

    public void Dispose() => _memory.ForEach(m => NativeMemory.Free((void*)m));

    [Fact]
    public void An_address_gives_type_method_offset_file_and_line()
    {
        LineTable lines = Lines(4, [(0x1000, 10), (0x1004, 12), (0x1010, 9), (0x2000, 700000)]);
        List<Function> functions =
        [
            new(Base + 0x1000, 0x20, new MethodName("Namespace.Type", "First")),
            new(Base + 0x2000, 0x100, new MethodName("Namespace.Type<int>", "Second<string>")),
            new(Base + 0x3000, 4, new MethodName(string.Empty, "assembly_routine")),
        ];
        Load(SymbolTableBuilder.Build(functions, lines, Base));

        Assert.Equal("Namespace.Type|First+0|Kernel/Source.cs:10", Find(0x1000));
        Assert.Equal("Namespace.Type|First+3|Kernel/Source.cs:10", Find(0x1003));
        Assert.Equal("Namespace.Type|First+4|Kernel/Source.cs:12", Find(0x1004));
        Assert.Equal("Namespace.Type|First+31|Kernel/Source.cs:9", Find(0x101F));
        Assert.Equal("Namespace.Type<int>|Second<string>+255|Kernel/Source.cs:700000", Find(0x20FF));
        Assert.Equal("|assembly_routine+1|:0", Find(0x3001));
    }

    [Theory]
    [InlineData(0xFFF)]
    [InlineData(0x1020)]
    [InlineData(0x3004)]
    [InlineData(-1L)]
    [InlineData(0x100000000)]
    public void An_address_outside_of_every_function_gives_nothing(long offset)
    {
        List<Function> functions = [new(Base + 0x1000, 0x20, new MethodName("T", "A")), new(Base + 0x3000, 4, new MethodName("T", "B"))];
        Load(SymbolTableBuilder.Build(functions, Lines(4, []), Base));

        Assert.False(_table.TryFind(Base + (ulong)offset, out SymbolInfo info));
        Assert.True(info.MethodName == null && info.Line == 0);
    }

    [Fact]
    public void Every_function_of_many_is_found_at_its_first_and_last_byte()
    {
        var functions = new List<Function>();
        for (int i = 0; i < 1000; i++)
        {
            functions.Add(new Function(Base + ((ulong)i * 48), 40, new MethodName("T", $"M{i}")));
        }

        Load(SymbolTableBuilder.Build(functions, Lines(4, []), Base));

        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal($"T|M{i}+0|:0", Find(i * 48));
            Assert.Equal($"T|M{i}+39|:0", Find((i * 48) + 39));
            Assert.False(_table.TryFind(Base + ((ulong)i * 48) + 40, out _));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void Lines_of_each_DWARF_version_are_read(int version)
    {
        LineTable table = Lines(version, [(0x10, 5), (0x18, 100), (0x20, 0xFEEFEE)]);

        Assert.True(table.TryFind(0, Base + 0x1F, out string file, out int line));
        Assert.Equal("/Kernel/Source.cs:100", $"{file}:{line}");
        Assert.False(table.TryFind(0, Base + 0x20, out _, out _));
        Assert.False(table.TryFind(0, Base + 0x0F, out _, out _));
    }

    [Fact]
    public void A_damaged_table_is_refused_or_gives_less_and_never_reads_outside()
    {
        List<Function> functions = [new(Base + 0x1000, 0x20, new MethodName("Type", "Method")), new(Base + 0x2000, 0x20, new MethodName("Type", "Other"))];
        byte[] table = SymbolTableBuilder.Build(functions, Lines(4, [(0x1000, 10), (0x1004, 12), (0x2000, 20)]), Base);
        int refused = 0;

        // The table ends where a page does that nobody can read, so one byte too far ends the test run.
        using var guarded = new GuardedMemory(table.Length);
        for (int i = 0; i < table.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                table[i] ^= (byte)(1 << bit);
                table.CopyTo(guarded.Span);
                table[i] ^= (byte)(1 << bit);
                if (!SymbolTableView.TryRead(guarded.Start, (ulong)table.Length, 0, out _table))
                {
                    refused++;
                    Assert.False(_table.TryFind(Base + 0x1000, out _));
                    continue;
                }

                for (ulong address = Base + 0xFF0; address < Base + 0x2030; address += 3)
                {
                    _table.TryFind(address, out _);
                }
            }
        }

        Assert.True(refused > 64, $"{refused}");
    }

    [Fact]
    public void A_table_cut_short_anywhere_is_refused()
    {
        byte[] table = SymbolTableBuilder.Build([new(Base, 16, new MethodName("T", "M"))], Lines(4, [(0, 1)]), Base);
        byte* copy = Copy(table);

        Assert.True(SymbolTableView.TryRead(copy, (ulong)table.Length, 0, out _table));
        for (int length = 0; length < table.Length; length++)
        {
            Assert.False(SymbolTableView.TryRead(copy, (ulong)length, 0, out _table));
        }

        Assert.False(SymbolTableView.TryRead(null, 1000, 0, out _table));
    }

    [Fact]
    public void Functions_of_an_image_get_sizes_and_their_best_names()
    {
        var writer = new ElfObjectWriter();
        int text = writer.AddSection(".text", new byte[0x100], ElfSectionFlags.Allocate | ElfSectionFlags.Execute, 16);
        int data = writer.AddSection(".data", new byte[0x10], ElfSectionFlags.Allocate | ElfSectionFlags.Write, 16);
        writer.AddSymbol("RhNewString", text, Base, 0x20, ElfSymbolType.Function);
        writer.AddSymbol("S_P_CoreLib_System_String__Make_2", text, Base, 0x20, ElfSymbolType.Function);
        writer.AddSymbol("assembly", text, Base + 0x40, 0, ElfSymbolType.None);
        writer.AddSymbol("assembly.loop", text, Base + 0x48, 0, ElfSymbolType.None);
        writer.AddSymbol("last", text, Base + 0x80, 0, ElfSymbolType.None);
        writer.AddSymbol("variable", data, Base + 0x1000, 8, ElfSymbolType.Object);
        byte[] image = writer.Write();
        Link(image, (text, Base), (data, Base + 0x1000));

        Load(SymbolsCommand.Build(ElfFile.Parse(image, "image"), new SymbolNames(), Base));

        Assert.Equal(3u, _table.FunctionCount);
        Assert.Equal("System.String|Make+31|:0", Find(0x1F));
        Assert.False(_table.TryFind(Base + 0x20, out _));
        Assert.Equal("|assembly+63|:0", Find(0x7F));
        Assert.Equal("|last+127|:0", Find(0xFF));
        Assert.False(_table.TryFind(Base + 0x100, out _));
    }

    [Fact]
    public void The_linkable_object_holds_the_table_in_its_section()
    {
        byte[] table = SymbolTableBuilder.Build([new(Base, 16, new MethodName("T", "M"))], Lines(4, []), Base);
        ElfFile file = ElfFile.Parse(SymbolsCommand.ToObject(table), "symbols.o");

        Assert.True(file.Data(".ksymbols").SequenceEqual(table));
        Assert.Equal(SymbolsCommand.ToObject(table), SymbolsCommand.ToObject(table));
    }

    [Theory]
    [InlineData("S_P_CoreLib_System_String__Concat_3", "System.String.Concat")]
    [InlineData("S_P_CoreLib_System_Threading_Lock___ctor_0", "System.Threading.Lock..ctor")]
    [InlineData("S_P_CoreLib_System_Threading_Lock___cctor", "System.Threading.Lock..cctor")]
    [InlineData("CosmosKernel_Machine_CosmosKernel_Machine_Boot_Pvh__Parse", "CosmosKernel.Machine.Boot.Pvh.Parse")]
    [InlineData("__GetGCStaticBase_S_P_CoreLib_System_Foo", "[static base of System.Foo]")]
    [InlineData("RhpNewFast", "RhpNewFast")]
    [InlineData("memmove", "memmove")]
    [InlineData("__security_cookie", "__security_cookie")]
    public void Mangled_names_become_readable_by_rule(string symbol, string readable)
    {
        var names = new SymbolNames();
        names.AddAssembly("CosmosKernel.Machine");

        Assert.Equal(readable, names.Readable(symbol).ToString());
    }

    // A linker would set the type of the file and the addresses of its sections.
    private static void Link(Span<byte> image, params (int Section, ulong Address)[] addresses)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image[16..], 2);
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image[40..]);
        foreach ((int section, ulong address) in addresses)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image[(table + (64 * section) + 16)..], address);
        }
    }

    private static LineTable Lines(int version, (ulong Offset, int Line)[] rows)
    {
        var writer = new ElfObjectWriter();
        writer.AddSection(".debug_line", LineProgram.Make(version, "/Kernel", "Source.cs", Base, rows), ElfSectionFlags.None, 1);
        return LineTable.Read(ElfFile.Parse(writer.Write(), "lines"));
    }

    private string Find(long offset)
    {
        Assert.True(_table.TryFind(Base + (ulong)offset, out SymbolInfo info));
        string type = Encoding.UTF8.GetString(info.TypeName, info.TypeNameLength);
        string method = Encoding.UTF8.GetString(info.MethodName, info.MethodNameLength);
        string file = info.File == null ? string.Empty : Encoding.UTF8.GetString(info.File, info.FileLength);
        Assert.Equal(Base + (ulong)offset, info.FunctionAddress + info.Offset);
        return $"{type}|{method}+{info.Offset}|{file}:{info.Line}";
    }

    private void Load(byte[] table) => Assert.True(SymbolTableView.TryRead(Copy(table), (ulong)table.Length, 0, out _table));

    private byte* Copy(byte[] table)
    {
        var copy = (byte*)NativeMemory.Alloc((nuint)table.Length);
        _memory.Add((nint)copy);
        table.CopyTo(new Span<byte>(copy, table.Length));
        return copy;
    }
}
