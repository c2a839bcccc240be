using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using System.Buffers.Binary;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tests.Loadable;

/// <summary>Objects like ILC's, made by hand: a section for each symbol, and a frame description and method's data for each function.</summary>
internal sealed class SyntheticModule
{
    private const int CommonLength = 8;

    private readonly ElfObjectWriter _writer = new();
    private readonly List<byte> _frames = [4, 0, 0, 0, 0, 0, 0, 0];
    private readonly List<byte> _methodData = [];
    private readonly List<(ulong Offset, string Symbol)> _frameReferences = [];

    /// <summary>What the size statistics say.</summary>
    public Dictionary<string, int> CollectorInformation { get; } = [];

    /// <summary>Adds data.</summary>
    public void AddData(string section, string symbol, byte[] bytes, ElfSectionFlags flags = ElfSectionFlags.Allocate | ElfSectionFlags.Write, params (ulong Offset, string Target)[] references)
    {
        int index = _writer.AddSection(section, bytes, flags, 8);
        _writer.AddSymbol(symbol, index, 0, (ulong)bytes.Length, ElfSymbolType.Object);
        foreach ((ulong offset, string target) in references)
        {
            _writer.AddRelocation(index, offset, target, ElfRelocationType.Absolute64, 0);
        }
    }

    /// <summary>Adds a function that calls others: E8 and a 32-bit distance for each, then C3.</summary>
    /// <param name="name">Its symbol.</param>
    /// <param name="collectorBytes">How much the compiler wrote for the collector behind its data.</param>
    /// <param name="calls">Whom it calls.</param>
    public void AddFunction(string name, int collectorBytes = 3, params string[] calls)
    {
        byte[] code = [.. calls.SelectMany(_ => new byte[] { 0xE8, 0, 0, 0, 0 }), 0xC3];
        AddCode(name, code, collectorBytes, [.. calls.Select((call, i) => ((ulong)((5 * i) + 1), call))]);
    }

    /// <summary>Adds a function.</summary>
    /// <param name="name">Its symbol.</param>
    /// <param name="code">Its bytes.</param>
    /// <param name="collectorBytes">How much the compiler wrote for the collector behind its data.</param>
    /// <param name="references">The 32-bit distances in it.</param>
    public void AddCode(string name, byte[] code, int collectorBytes, params (ulong Offset, string Target)[] references)
    {
        int section = _writer.AddSection("__managedcode." + name, code, ElfSectionFlags.Allocate | ElfSectionFlags.Execute, 16);
        _writer.AddSymbol(name, section, 0, (ulong)code.Length, ElfSymbolType.Function);
        foreach ((ulong offset, string target) in references)
        {
            _writer.AddRelocation(section, offset, target, ElfRelocationType.Plt32, -4);
        }

        CollectorInformation.Add(name, collectorBytes);
        AddFrame(name, $"_lsda0{name}", [0, .. new byte[collectorBytes]]);
    }

    /// <summary>The object, as ILC writes it, broken pointers to methods' data included.</summary>
    public byte[] Write()
    {
        int data = _writer.AddSection(".dotnet_eh_table", [.. _methodData], ElfSectionFlags.Allocate, 8);
        int empty = _writer.AddSection(".dotnet_eh_table", [], ElfSectionFlags.Allocate, 1);
        int frames = _writer.AddSection(".eh_frame", [.. _frames], ElfSectionFlags.Allocate, 8);
        foreach ((ulong offset, string symbol) in _frameReferences)
        {
            if (symbol.StartsWith("_lsda", StringComparison.Ordinal))
            {
                _writer.AddSymbol(symbol, empty, 0, 0, ElfSymbolType.Object);
            }

            _writer.AddRelocation(frames, offset, symbol, ElfRelocationType.Relative32, 0);
        }

        Assert.True(data > 0);
        return _writer.Write();
    }

    /// <summary>The object, repaired.</summary>
    public CompiledObject Repaired()
    {
        byte[] bytes = Write();
        Assert.True(MethodDataRepair.Repair(bytes, "test.o", CollectorInformation));
        return CompiledObject.Parse(bytes, "test.o");
    }

    // Length, distance to the common entry, function, size, length of what follows, method's data.
    private void AddFrame(string function, string methodData, byte[] data)
    {
        int start = _frames.Count;
        var record = new byte[CommonLength + 16];
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length - 4);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), start + 4);
        record[16] = 4;
        _frames.AddRange(record);
        _frameReferences.Add(((ulong)(start + 8), function));
        _frameReferences.Add(((ulong)(start + 17), methodData));
        _methodData.AddRange(data);
    }
}
