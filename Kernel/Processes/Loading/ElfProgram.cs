using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

/// <summary>What the program headers of an ELF file ask for, checked: segments in ascending order, without overlap, each of which can be mapped as it stands.</summary>
[Immutable]
public sealed class ElfProgram
{
    // The longest path (PATH_MAX), which an interpreter's name is.
    private const ulong LongestPath = 4096;

    private readonly List<ElfSegment> _segments = [];

    private ElfProgram(in ElfHeader header) => Header = header;

    /// <summary>The file's header.</summary>
    public ElfHeader Header { get; }

    /// <summary>What is to be mapped, at addresses of the file.</summary>
    public IReadOnlyList<ElfSegment> Segments => _segments;

    /// <summary>First page of the first segment.</summary>
    public ulong Start => AddressSpace.PageDown(_segments[0].Address);

    /// <summary>End of the last segment.</summary>
    public ulong End => _segments[^1].End;

    /// <summary>The largest alignment that a segment asks for: a power of 2, a page at least.</summary>
    public ulong Alignment { get; private set; } = AddressSpace.PageBytes;

    /// <summary>Where the interpreter's name is in the file; null when there is none.</summary>
    public ElfSegment? Interpreter { get; private set; }

    /// <summary>PT_GNU_STACK asks for a stack that can be executed.</summary>
    public bool HasExecutableStack { get; private set; }

    /// <summary>Address of the program headers in memory, by the file's addresses; 0 when no segment has them.</summary>
    public ulong HeadersAddress { get; private set; }

    /// <summary>Checks program headers.</summary>
    /// <param name="header">The file's header.</param>
    /// <param name="headers">The program headers.</param>
    /// <param name="program">What they ask for.</param>
    /// <returns>False when they ask for nothing, or for what cannot be (ENOEXEC).</returns>
    public static bool TryRead(in ElfHeader header, ReadOnlySpan<byte> headers, out ElfProgram? program)
    {
        program = null;
        if (headers.Length < header.HeadersBytes)
        {
            return false;
        }

        ElfProgram made = new(header);
        for (int i = 0; i < header.HeaderCount; i++)
        {
            ElfSegment segment = Decode(headers[(i * ElfConstants.ProgramHeaderBytes)..]);
            if (!made.TryTake(segment))
            {
                return false;
            }
        }

        if (made._segments.Count == 0)
        {
            return false;
        }

        made.FindHeaders();
        program = made;
        return true;
    }

    private static ElfSegment Decode(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(from),
        BinaryPrimitives.ReadUInt32LittleEndian(from[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[48..]));

    [BeforePublication]
    private bool TryTake(in ElfSegment segment)
    {
        switch (segment.Type)
        {
            case ElfConstants.SegmentLoad:
                return TryTakeLoaded(segment);
            case ElfConstants.SegmentInterpreter when Interpreter is null:
                Interpreter = segment;

                // At least one character and the NUL.
                return segment.FileBytes is >= 2 and <= LongestPath && segment.Offset <= long.MaxValue - LongestPath;
            case ElfConstants.SegmentGnuStack:
                HasExecutableStack = segment.IsExecutable;
                return true;
            case ElfConstants.SegmentProgramHeaders:
                HeadersAddress = segment.Address;
                return true;
            default:
                return true;
        }
    }

    [BeforePublication]
    private bool TryTakeLoaded(in ElfSegment segment)
    {
        ulong inPage = segment.Address & (AddressSpace.PageBytes - 1);
        bool isPossible = segment.FileBytes <= segment.MemoryBytes
            && segment.MemoryBytes <= AddressSpace.Limit
            && segment.Address <= AddressSpace.Limit - segment.MemoryBytes
            && segment.Offset <= long.MaxValue - segment.FileBytes
            && (segment.FileBytes == 0 || (segment.Offset & (AddressSpace.PageBytes - 1)) == inPage);
        if (!isPossible)
        {
            return false;
        }

        if (segment.MemoryBytes == 0)
        {
            return true;
        }

        // Ascending (elf(5)); pages may be shared by two segments only if the later one takes the page over, which no linker asks for.
        if (_segments.Count > 0 && AddressSpace.PageDown(segment.Address) < AddressSpace.PageUp(End))
        {
            return false;
        }

        if (BitOperations.IsPow2(segment.Alignment) && segment.Alignment > Alignment)
        {
            Alignment = segment.Alignment;
        }

        _segments.Add(segment);
        return true;
    }

    // PT_PHDR says it, or else the segment that has this part of the file.
    [BeforePublication]
    private void FindHeaders()
    {
        if (HeadersAddress != 0)
        {
            return;
        }

        foreach (ElfSegment segment in _segments)
        {
            if (Header.HeadersOffset >= segment.Offset && Header.HeadersOffset - segment.Offset < segment.FileBytes)
            {
                HeadersAddress = segment.Address + (Header.HeadersOffset - segment.Offset);
                return;
            }
        }
    }
}
