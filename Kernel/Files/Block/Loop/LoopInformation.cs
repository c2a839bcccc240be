using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block.Loop;

/// <summary>What a loop device shows of a file, and how: struct loop_info64 (Linux, include/uapi/linux/loop.h).</summary>
/// <param name="Offset">Where in the file the device begins, in bytes.</param>
/// <param name="SizeLimit">Bytes of the file that it shows at most; 0: all.</param>
/// <param name="Flags">LO_FLAGS_*.</param>
/// <param name="FileName">What losetup(8) wants to be told again: up to 64 bytes, zeros at the end.</param>
internal sealed record LoopInformation(ulong Offset, ulong SizeLimit, uint Flags, [property: Immutable] byte[] FileName)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Bytes = 232;

    public const uint ReadOnly = 1;

    /// <summary>The partition table that is on the device is read.</summary>
    public const uint PartitionScan = 8;

    /// <summary>The file is to be read and written past its cache; files that can do that are not known here, and as with such a one on Linux the wish is forgotten.</summary>
    public const uint Direct = 16;

    /// <summary>The file is given up when nobody has the device open any more.</summary>
    public const uint AutoClear = 4;

    private const int OffsetAt = 24;
    private const int SizeLimitAt = 32;
    private const int NumberAt = 40;
    private const int EncryptionAt = 44;
    private const int FlagsAt = 52;
    private const int FileNameAt = 56;
    private const int FileNameBytes = 64;

    /// <summary>The whole file.</summary>
    public static LoopInformation Whole { get; } = new(0, 0, 0, new byte[FileNameBytes]);

    /// <summary>Reads what a program says.</summary>
    /// <returns>EINVAL: it asks for encryption; EOVERFLOW: no file has such an offset or size.</returns>
    public static Errno TryParse(ReadOnlySpan<byte> from, out LoopInformation information)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(from[OffsetAt..]);
        ulong limit = BinaryPrimitives.ReadUInt64LittleEndian(from[SizeLimitAt..]);
        uint encryption = BinaryPrimitives.ReadUInt32LittleEndian(from[EncryptionAt..]);
        information = new LoopInformation(offset, limit, BinaryPrimitives.ReadUInt32LittleEndian(from[FlagsAt..]), from.Slice(FileNameAt, FileNameBytes).ToArray());
        return encryption != 0 ? Errno.EINVAL : offset <= long.MaxValue && limit <= long.MaxValue ? Errno.Ok : Errno.EOVERFLOW;
    }

    /// <summary>Writes the structure for a program.</summary>
    /// <param name="to">232 bytes.</param>
    /// <param name="number">The device's number.</param>
    /// <param name="fileDevice">Device of the file system that has the file, as stat(2) encodes it.</param>
    /// <param name="inode">The file's number there.</param>
    public void Write(Span<byte> to, int number, ulong fileDevice, ulong inode)
    {
        to[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, fileDevice);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], inode);
        BinaryPrimitives.WriteUInt64LittleEndian(to[OffsetAt..], Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(to[SizeLimitAt..], SizeLimit);
        BinaryPrimitives.WriteInt32LittleEndian(to[NumberAt..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[FlagsAt..], Flags);
        FileName.CopyTo(to[FileNameAt..]);
    }

    /// <summary>Sectors that the device has.</summary>
    /// <param name="fileBytes">Size of the file.</param>
    public long SectorsOf(long fileBytes)
    {
        const int SectorBytes = 512;
        long bytes = Math.Max(fileBytes - (long)Offset, 0);
        return (SizeLimit == 0 ? bytes : Math.Min(bytes, (long)SizeLimit)) / SectorBytes;
    }
}
