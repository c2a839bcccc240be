using System;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Tools.Elf.Dwarf;

/// <summary>Runs the line number programs of <c>.debug_line</c> (DWARF 2 to 5, section 6.2 of each).</summary>
internal sealed class LineProgramReader
{
    // Compilers of .NET mark code without a source line by these numbers (C# "#line hidden" and its F# twin).
    private const int HiddenLine = 0xFEEFEE;
    private const int NoSourceLine = 0xF00F00;

    private readonly ElfFile _file;
    private readonly List<LineRow> _rows = [];
    private readonly List<string> _files = [];
    private readonly Dictionary<string, int> _fileIndex = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ElfRelocation> _relocations = [];

    public LineProgramReader(ElfFile file)
    {
        _file = file;
        if (file.IsRelocatable && file.TryGetSection(".debug_line", out ElfSection? section))
        {
            foreach (ElfRelocation relocation in file.RelocationsOf(section))
            {
                _relocations[(int)relocation.Offset] = relocation;
            }
        }
    }

    public IReadOnlyList<string> Files => _files;

    public List<LineRow> Run()
    {
        ReadOnlySpan<byte> data = _file.Data(".debug_line");
        int position = 0;
        while (position < data.Length)
        {
            position = RunUnit(data, position);
        }

        return _rows;
    }

    private int RunUnit(ReadOnlySpan<byte> data, int start)
    {
        var cursor = new ByteCursor(data, $"{_file.Path}: .debug_line");
        cursor.Seek(start);
        ulong length = cursor.ReadUInt32();
        bool wide = length == 0xFFFFFFFF;
        if (wide)
        {
            length = cursor.ReadUInt64();
        }

        if (length > (ulong)(data.Length - cursor.Position))
        {
            throw _file.Malformed($".debug_line: the unit at {start} has {length} bytes, more than the section");
        }

        int end = cursor.Position + (int)length;
        ushort version = cursor.ReadUInt16();
        if (version is < 2 or > 5)
        {
            throw _file.Malformed($".debug_line: the unit at {start} is DWARF {version}; versions 2 to 5 are known");
        }

        if (version >= 5)
        {
            cursor.Skip(2);
        }

        ulong headerLength = cursor.ReadOffset(wide);
        if (headerLength > (ulong)(end - cursor.Position))
        {
            throw _file.Malformed($".debug_line: the header of the unit at {start} is longer than the unit");
        }

        int programStart = cursor.Position + (int)headerLength;
        var header = new Header { Version = version, Wide = wide, InstructionLength = cursor.ReadByte() };
        if (version >= 4)
        {
            cursor.Skip(1);
        }

        cursor.Skip(1);
        header.LineBase = (sbyte)cursor.ReadByte();
        header.LineRange = cursor.ReadByte();
        if (header.LineRange == 0)
        {
            throw _file.Malformed($".debug_line: the unit at {start} has a line range of 0");
        }

        header.OperandCounts = new byte[Math.Max(1, (int)cursor.ReadByte())];
        for (int i = 1; i < header.OperandCounts.Length; i++)
        {
            header.OperandCounts[i] = cursor.ReadByte();
        }

        if (version >= 5)
        {
            ReadFilesVersion5(ref cursor, header);
        }
        else
        {
            ReadFiles(ref cursor, header);
        }

        cursor.Seek(programStart);
        RunProgram(ref cursor, end, header);
        return end;
    }

    private void RunProgram(ref ByteCursor cursor, int end, Header header)
    {
        var state = new State { File = 1, Line = 1 };
        while (cursor.Position < end)
        {
            byte opcode = cursor.ReadByte();
            if (opcode >= header.OperandCounts.Length)
            {
                int adjusted = opcode - header.OperandCounts.Length;
                state.Address += (ulong)(adjusted / header.LineRange) * header.InstructionLength;
                state.Line += header.LineBase + (adjusted % header.LineRange);
                AddRow(state, header);
                continue;
            }

            switch (opcode)
            {
                case 0:
                    RunExtended(ref cursor, ref state, header);
                    break;
                case 1:
                    AddRow(state, header);
                    break;
                case 2:
                    state.Address += cursor.ReadUleb() * header.InstructionLength;
                    break;
                case 3:
                    state.Line += (int)cursor.ReadSleb();
                    break;
                case 4:
                    state.File = (int)cursor.ReadUleb();
                    break;
                case 8:
                    state.Address += (ulong)((255 - header.OperandCounts.Length) / header.LineRange) * header.InstructionLength;
                    break;
                case 9:
                    state.Address += cursor.ReadUInt16();
                    break;
                default:
                    // Column, statement, block, prologue, epilogue, ISA: nothing that a line table needs.
                    for (int i = 0; i < header.OperandCounts[opcode]; i++)
                    {
                        cursor.ReadUleb();
                    }

                    break;
            }
        }
    }

    private void RunExtended(ref ByteCursor cursor, ref State state, Header header)
    {
        ulong size = cursor.ReadUleb();
        int start = cursor.Position;
        if (size == 0)
        {
            return;
        }

        switch (cursor.ReadByte())
        {
            case 1:
                _rows.Add(new LineRow(state.Section, state.Address, -1, 0));
                state = new State { File = 1, Line = 1 };
                break;
            case 2:
                int field = cursor.Position;
                state.Address = size == 5 ? cursor.ReadUInt32() : cursor.ReadUInt64();
                if (_relocations.TryGetValue(field, out ElfRelocation relocation))
                {
                    ElfSymbol symbol = _file.Symbols[relocation.SymbolIndex];
                    state.Section = Math.Max(0, symbol.SectionIndex);
                    state.Address = symbol.Value + (ulong)relocation.Addend;
                }

                break;
            case 3:
                string name = cursor.ReadString();
                int directory = (int)cursor.ReadUleb();
                header.Files.Add(FileOf(header, directory, name));
                break;
            default:
                break;
        }

        cursor.Seek(start);
        cursor.Skip(size);
    }

    private void AddRow(in State state, Header header)
    {
        int file = (uint)state.File < (uint)header.Files.Count ? header.Files[state.File] : -1;
        int line = state.Line is HiddenLine or NoSourceLine or < 0 || file < 0 ? 0 : state.Line;
        _rows.Add(new LineRow(state.Section, state.Address, file < 0 ? FileIndex("?") : file, line));
    }

    private void ReadFiles(ref ByteCursor cursor, Header header)
    {
        header.Directories.Add(string.Empty);
        for (string directory = cursor.ReadString(); directory.Length != 0; directory = cursor.ReadString())
        {
            header.Directories.Add(directory);
        }

        header.Files.Add(-1);
        for (string name = cursor.ReadString(); name.Length != 0; name = cursor.ReadString())
        {
            int directory = (int)cursor.ReadUleb();
            cursor.ReadUleb();
            cursor.ReadUleb();
            header.Files.Add(FileOf(header, directory, name));
        }
    }

    private void ReadFilesVersion5(ref ByteCursor cursor, Header header)
    {
        foreach ((string path, int _) in ReadEntries(ref cursor, header))
        {
            header.Directories.Add(path);
        }

        foreach ((string path, int directory) in ReadEntries(ref cursor, header))
        {
            header.Files.Add(FileOf(header, directory, path));
        }
    }

    private List<(string Path, int Directory)> ReadEntries(ref ByteCursor cursor, Header header)
    {
        const ulong ContentPath = 1;
        const ulong ContentDirectory = 2;
        var formats = new (ulong Content, ulong Form)[cursor.ReadByte()];
        for (int i = 0; i < formats.Length; i++)
        {
            formats[i] = (cursor.ReadUleb(), cursor.ReadUleb());
        }

        ulong count = cursor.ReadUleb();
        var entries = new List<(string, int)>();
        for (ulong i = 0; i < count; i++)
        {
            string path = string.Empty;
            int directory = 0;
            foreach ((ulong content, ulong form) in formats)
            {
                (string text, ulong number) = ReadForm(ref cursor, form, header.Wide);
                if (content == ContentPath)
                {
                    path = text;
                }
                else if (content == ContentDirectory)
                {
                    directory = (int)number;
                }
            }

            entries.Add((path, directory));
        }

        return entries;
    }

    private (string Text, ulong Number) ReadForm(ref ByteCursor cursor, ulong form, bool wide)
    {
        const ulong Data2 = 0x05, Data4 = 0x06, Data8 = 0x07, String = 0x08, Block = 0x09, Data1 = 0x0b, Strp = 0x0e, Udata = 0x0f, Data16 = 0x1e, LineStrp = 0x1f;
        switch (form)
        {
            case String:
                return (cursor.ReadString(), 0);
            case LineStrp or Strp:
                return (StringAt(form == Strp ? ".debug_str" : ".debug_line_str", cursor.Position, cursor.ReadOffset(wide)), 0);
            case Data1:
                return (string.Empty, cursor.ReadByte());
            case Data2:
                return (string.Empty, cursor.ReadUInt16());
            case Data4:
                return (string.Empty, cursor.ReadUInt32());
            case Data8:
                return (string.Empty, cursor.ReadUInt64());
            case Udata:
                return (string.Empty, cursor.ReadUleb());
            case Data16:
                cursor.Skip(16);
                return default;
            case Block:
                cursor.Skip(cursor.ReadUleb());
                return (string.Empty, 0);
            default:
                throw _file.Malformed($".debug_line: file entries use the unknown form 0x{form:x}");
        }
    }

    private string StringAt(string section, int field, ulong offset)
    {
        // In a relocatable object the field itself is zero, and the relocation against the string section has the offset.
        if (_relocations.TryGetValue(field, out ElfRelocation relocation))
        {
            offset = _file.Symbols[relocation.SymbolIndex].Value + (ulong)relocation.Addend;
        }

        return Encoding.UTF8.GetString(ElfFile.StringAt(_file.Data(section), (uint)Math.Min(offset, uint.MaxValue)));
    }

    private int FileOf(Header header, int directory, string name)
    {
        string folder = (uint)directory < (uint)header.Directories.Count ? header.Directories[directory] : string.Empty;
        return FileIndex(name.StartsWith('/') || folder.Length == 0 ? name : folder.EndsWith('/') ? folder + name : $"{folder}/{name}");
    }

    private int FileIndex(string path)
    {
        if (!_fileIndex.TryGetValue(path, out int index))
        {
            index = _files.Count;
            _files.Add(path);
            _fileIndex.Add(path, index);
        }

        return index;
    }

    private sealed class Header
    {
        public ushort Version { get; init; }

        public bool Wide { get; init; }

        public byte InstructionLength { get; init; }

        public int LineBase { get; set; }

        public int LineRange { get; set; }

        public byte[] OperandCounts { get; set; } = [];

        public List<string> Directories { get; } = [];

        public List<int> Files { get; } = [];
    }

    private struct State
    {
        public int Section;
        public ulong Address;
        public int File;
        public int Line;
    }
}
