using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using System.Buffers.Binary;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable;
using CosmosKernel.Tools.Loadable.Exports;
using CosmosKernel.Tools.Loadable.Index;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Loadable.Roots;

namespace CosmosKernel.Tests.Loadable;

public class TableTests
{
    // From the authors' list of test vectors.
    [Theory]
    [InlineData("", 0xCBF29CE484222325)]
    [InlineData("a", 0xAF63DC4C8601EC8C)]
    [InlineData("foobar", 0x85944171F73967E8)]
    public void Names_are_hashed_by_FNV_1a(string name, ulong hash) => Assert.Equal(hash, Fnv.Of(name));

    [Fact]
    public void Exports_are_sorted_by_hash_and_the_linker_fills_in_addresses()
    {
        var symbols = new SymbolList();
        symbols.Information.Add("vermagic", "6.1 x");
        foreach (string name in (string[])["a", "b", "foobar"])
        {
            symbols.Symbols.Add(name, new SymbolRecord(name, SymbolKind.Code, 1, 1));
        }

        var file = ElfFile.Parse(ExportTable.ToObject(symbols), "exports.o");
        Assert.True(file.TryGetSection(".kexports", out ElfSection? section));
        byte[] table = file.Data(section).ToArray();
        Assert.Equal("KEXP"u8.ToArray(), table[..4]);
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(12)));
        ulong[] hashes = [.. Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(40 + (8 * i))))];
        Assert.Equal(hashes.Order(), hashes);
        Assert.Equal("vermagic=6.1 x\0"u8.ToArray(), table[BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(32))..]);
        Assert.Equal(hashes, file.RelocationsOf(section).OrderBy(r => r.Offset).Select(r => Fnv.Of(file.NameOf(file.Symbols[r.SymbolIndex]))));
    }

    [Fact]
    public void A_list_of_symbols_reads_as_it_was_written()
    {
        var symbols = new SymbolList();
        symbols.Information.Add("api", "1.0.0");
        symbols.Symbols.Add("List<a, b>", new SymbolRecord("List<a, b>", SymbolKind.Dictionary, 24, 0xFEDCBA9876543210));
        string path = Path.GetTempFileName();
        try
        {
            symbols.Write(path);
            var read = SymbolList.Read(path);
            Assert.Equal(symbols.Information, read.Information);
            Assert.Equal(symbols.Symbols, read.Symbols);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Modules_dep_names_what_is_needed_with_the_first_to_load_last()
    {
        var depends = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b", "c"], ["b"] = ["c"], ["c"] = [], ["d"] = ["in_the_kernel"] };
        Assert.Equal("a.ko: b.ko c.ko\nb.ko: c.ko\nc.ko:\nd.ko:\n", IndexCommand.Dependencies(depends));
    }

    [Fact]
    public void A_circle_of_modules_is_refused()
    {
        var depends = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b"], ["b"] = ["a"] };
        Assert.Contains("a needs b needs a", Assert.Throws<LoadableException>(() => IndexCommand.Dependencies(depends)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("assembly A\nleave System.X.* : why # comment\n", null)]
    [InlineData("assembly A\n\nkeep X\n", "(3): expected")]
    [InlineData("leave System.X.*\n", "(1): expected")]
    public void Rules_of_roots_are_read_or_refused_with_their_line(string text, string? problem)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            if (problem is not null)
            {
                Assert.Contains(problem, Assert.Throws<LoadableException>(() => RootRules.Read(path)).Message, StringComparison.Ordinal);
                return;
            }

            var rules = RootRules.Read(path);
            Assert.Single(rules.Unused);
            Assert.False(rules.Leaves("System.Y"));
            Assert.True(rules.Leaves("System.X.Y"));
            Assert.False(rules.Leaves("System.X.Y::Method"));
            Assert.Empty(rules.Unused);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
