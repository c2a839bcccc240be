using System;
using System.Buffers.Binary;
using CosmosKernel.Abi.Elf;

namespace CosmosKernel.Processes.Loading;

/// <summary>The header of an ELF file: those fields that a loader of programs uses (elf(5)).</summary>
/// <param name="Type">ET_EXEC or ET_DYN.</param>
/// <param name="Entry">Address of the first instruction.</param>
/// <param name="HeadersOffset">Where the program headers are in the file.</param>
/// <param name="HeaderCount">How many there are: 1 to 1170.</param>
public readonly record struct ElfHeader(ushort Type, ulong Entry, ulong HeadersOffset, int HeaderCount)
{
    // Program headers may take 64 KiB.
    private const int MostHeaderBytes = 65536;

    /// <summary>Bytes of the program headers.</summary>
    public int HeadersBytes => HeaderCount * ElfConstants.ProgramHeaderBytes;

    /// <summary>It can be at any address.</summary>
    public bool IsDynamic => Type == ElfConstants.TypeDynamic;

    /// <summary>Whether a file begins as an ELF file does.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> file) => file.StartsWith("\u007FELF"u8);

    /// <summary>Reads the header of a program or interpreter for this machine.</summary>
    /// <param name="file">The first bytes of the file; fewer than 64 are no header.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when it is none, or none that can be executed here (ENOEXEC; ELIBBAD for an interpreter).</returns>
    public static bool TryRead(ReadOnlySpan<byte> file, out ElfHeader header)
    {
        header = default;
        if (file.Length < ElfConstants.HeaderBytes || !HasMagic(file))
        {
            return false;
        }

        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(file[16..]);
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(file[18..]);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file[20..]);
        ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(file[24..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(file[32..]);
        ushort headerBytes = BinaryPrimitives.ReadUInt16LittleEndian(file[54..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(file[56..]);
        bool isOurs = file[4] == ElfConstants.Class64
            && file[5] == ElfConstants.LittleEndian
            && file[6] == ElfConstants.CurrentVersion
            && version == ElfConstants.CurrentVersion
            && machine == ElfConstants.MachineX64
            && type is ElfConstants.TypeExecutable or ElfConstants.TypeDynamic;
        int bytes = count * ElfConstants.ProgramHeaderBytes;
        if (!isOurs || headerBytes != ElfConstants.ProgramHeaderBytes || count == 0 || bytes > MostHeaderBytes || offset > long.MaxValue - (ulong)bytes)
        {
            return false;
        }

        header = new ElfHeader(type, entry, offset, count);
        return true;
    }
}
