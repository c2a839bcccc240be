using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// The image's unwind information: finds, for an address in code, the frame description entry (FDE) that covers it.
/// </summary>
/// <remarks>
/// Sources: System V ABI AMD64 supplement 4.2.4 (.eh_frame); Linux Standard Base Core 5.0, 10.6 (DWARF extensions: pointer
/// encodings, augmentation string, .eh_frame_hdr). Nothing here allocates, throws or takes a lock: a panic uses it too.
/// </remarks>
internal static unsafe class UnwindTable
{
    private const byte EncodingPcRelativeSigned4 = 0x1B;
    private const byte EncodingUnsigned4 = 0x03;
    private const byte EncodingTableRelativeSigned4 = 0x3B;

    /// <summary>Finds the entry that covers <paramref name="address"/>. False if no compiled method does.</summary>
    public static bool TryFind(ulong address, out FrameEntry entry)
    {
        Unsafe.SkipInit(out entry);
        if (ModuleArea.Contains(address))
        {
            return TryFindInModule(address, out entry);
        }

        byte* header = RuntimeImage.UnwindIndex;

        // version, encoding of the .eh_frame pointer, of the count, of the table: the linker has only this form.
        if (header[0] != 1 || header[1] != EncodingPcRelativeSigned4 || header[2] != EncodingUnsigned4 || header[3] != EncodingTableRelativeSigned4)
        {
            return false;
        }

        long wanted = (long)address - (long)header;
        if (wanted is > int.MaxValue or < int.MinValue)
        {
            return false;
        }

        int* rows = (int*)(header + 12);
        uint low = 0;
        uint high = *(uint*)(header + 8);
        while (low < high)
        {
            uint middle = low + ((high - low) / 2);
            if (rows[middle * 2] <= wanted)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low != 0 && FrameEntry.TryRead(header + rows[((low - 1) * 2) + 1], out entry) && address - entry.Start < entry.Length;
    }

    // A module's index is made by the build (docs/module-loading.md); the loader has checked each of its rows.
    private static bool TryFindInModule(ulong address, out FrameEntry entry)
    {
        Unsafe.SkipInit(out entry);
        CodeImage? image = CodeImages.Find(address);
        if (image is null || address >= image.TextEnd)
        {
            return false;
        }

        uint wanted = (uint)(address - image.Start);
        uint* rows = (uint*)image.UnwindIndex;
        uint low = 0;
        uint high = image.UnwindCount;
        while (low < high)
        {
            uint middle = low + ((high - low) / 2);
            if (rows[middle * 2] <= wanted)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low != 0 && FrameEntry.TryRead((byte*)image.UnwindEntries + rows[((low - 1) * 2) + 1], out entry) && address - entry.Start < entry.Length;
    }
}

/// <summary>One FDE with what its common information entry (CIE) says.</summary>
internal unsafe struct FrameEntry
{
    private const byte EncodingOmitted = 0xFF;

    /// <summary>First address that the entry covers.</summary>
    public ulong Start;

    /// <summary>Bytes covered.</summary>
    public ulong Length;

    /// <summary>The language-specific data, or null.</summary>
    public byte* LanguageData;

    /// <summary>Call frame instructions of the CIE and of the FDE.</summary>
    public byte* InitialInstructions;

    public byte* InitialInstructionsEnd;

    public byte* Instructions;

    public byte* InstructionsEnd;

    /// <summary>Factors of the instructions' operands.</summary>
    public ulong CodeAlignment;

    public long DataAlignment;

    public static bool TryRead(byte* fde, out FrameEntry entry)
    {
        entry = default;
        uint length = *(uint*)fde;
        if (length is 0 or 0xFFFF_FFFF)
        {
            return false;
        }

        byte* cursor = fde + 4;
        entry.InstructionsEnd = cursor + length;
        uint toCie = *(uint*)cursor;
        if (toCie == 0 || !entry.ReadCie(cursor - toCie, out byte codeEncoding, out byte languageDataEncoding, out bool hasAugmentation))
        {
            return false;
        }

        cursor += 4;
        if (!TryReadPointer(ref cursor, codeEncoding, out entry.Start) || !TryReadPointer(ref cursor, (byte)(codeEncoding & 0x0F), out entry.Length))
        {
            return false;
        }

        if (hasAugmentation)
        {
            ulong size = Leb128.ReadUnsigned(ref cursor);
            byte* data = cursor;
            cursor += size;
            if (size != 0 && languageDataEncoding != EncodingOmitted)
            {
                if (!TryReadPointer(ref data, languageDataEncoding, out ulong languageData))
                {
                    return false;
                }

                entry.LanguageData = (byte*)languageData;
            }
        }

        entry.Instructions = cursor;
        return true;
    }

    private bool ReadCie(byte* cie, out byte codeEncoding, out byte languageDataEncoding, out bool hasAugmentation)
    {
        codeEncoding = 0;
        languageDataEncoding = EncodingOmitted;
        hasAugmentation = false;
        InitialInstructionsEnd = cie + 4 + *(uint*)cie;
        byte* cursor = cie + 8;
        if (*cursor++ is not (1 or 3))
        {
            return false;
        }

        byte* augmentation = cursor;
        while (*cursor++ != 0)
        {
        }

        CodeAlignment = Leb128.ReadUnsigned(ref cursor);
        DataAlignment = Leb128.ReadSigned(ref cursor);
        _ = Leb128.ReadUnsigned(ref cursor); // return address column: always rip's
        if (*augmentation == 'z')
        {
            hasAugmentation = true;
            ulong size = Leb128.ReadUnsigned(ref cursor);
            byte* data = cursor;
            cursor += size;
            for (augmentation++; *augmentation != 0; augmentation++)
            {
                switch (*augmentation)
                {
                    case (byte)'L':
                        languageDataEncoding = *data++;
                        break;
                    case (byte)'R':
                        codeEncoding = *data++;
                        break;
                    default:
                        return false;
                }
            }
        }
        else if (*augmentation != 0)
        {
            return false;
        }

        InitialInstructions = cursor;
        return true;
    }

    // The low four bits tell the format, the next three what the value is relative to (LSB 10.5.1).
    private static bool TryReadPointer(ref byte* cursor, byte encoding, out ulong value)
    {
        ulong origin = (encoding & 0x70) == 0x10 ? (ulong)cursor : 0;
        value = 0;
        if ((encoding & 0xE0) != 0)
        {
            return false;
        }

        switch (encoding & 0x0F)
        {
            case 0x00:
            case 0x04:
            case 0x0C:
                value = *(ulong*)cursor;
                cursor += 8;
                break;
            case 0x03:
                value = *(uint*)cursor;
                cursor += 4;
                break;
            case 0x0B:
                value = (ulong)(long)*(int*)cursor;
                cursor += 4;
                break;
            default:
                return false;
        }

        value += value == 0 ? 0 : origin;
        return true;
    }
}

/// <summary>DWARF's variable-length integers (DWARF 5, 7.6).</summary>
internal static unsafe class Leb128
{
    public static ulong ReadUnsigned(ref byte* cursor)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = *cursor++;
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    public static long ReadSigned(ref byte* cursor)
    {
        long value = 0;
        int shift = 0;
        byte part;
        do
        {
            part = *cursor++;
            value |= (long)(part & 0x7F) << shift;
            shift += 7;
        }
        while (part >= 0x80);
        return shift < 64 && (part & 0x40) != 0 ? value | (-1L << shift) : value;
    }
}
