using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The values that the PM1 control registers want for soft-off, from the package <c>\_S5_</c> (ACPI 6.5, sections 7.4.2 and 20.2).
/// </summary>
/// <remarks>
/// The kernel has no AML interpreter: it looks for the bytes of <c>Name (_S5_, Package () { a, b, ... })</c> with constant elements.
/// A package that is computed by a method, or built from named objects, is not found; power-off then goes on to its other ways.
/// </remarks>
internal readonly struct SleepType
{
    private const byte NameOp = 0x08;
    private const byte PackageOp = 0x12;
    private const byte BytePrefix = 0x0A;
    private const byte WordPrefix = 0x0B;
    private const byte DwordPrefix = 0x0C;
    private const byte OnesOp = 0xFF;
    private const byte RootCharacter = (byte)'\\';
    private const int LargestSleepType = 7;

    private SleepType(byte a, byte b)
    {
        A = a;
        B = b;
    }

    /// <summary>Sleep type for PM1a control, 0 to 7.</summary>
    internal byte A { get; }

    /// <summary>Sleep type for PM1b control, 0 to 7.</summary>
    internal byte B { get; }

    /// <summary>Looks for the package in the AML of a DSDT or SSDT, header excluded.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> aml, out SleepType type)
    {
        for (int offset = 1; offset <= aml.Length - 4; offset++)
        {
            if (aml[offset] == (byte)'_' && TableBytes.Matches(aml, offset, "_S5_"u8)
                && IsDeclaration(aml, offset) && TryReadPackage(aml, offset + 4, out type))
            {
                return true;
            }
        }

        type = default;
        return false;
    }

    private static bool IsDeclaration(ReadOnlySpan<byte> aml, int nameOffset)
    {
        return aml[nameOffset - 1] == NameOp
            || (nameOffset >= 2 && aml[nameOffset - 1] == RootCharacter && aml[nameOffset - 2] == NameOp);
    }

    private static bool TryReadPackage(ReadOnlySpan<byte> aml, int offset, out SleepType type)
    {
        type = default;
        if (TableBytes.U8(aml, offset) != PackageOp || !TableBytes.Holds(aml, offset, 3))
        {
            return false;
        }

        // The two top bits of the first length byte say how many more length bytes follow.
        int lengthBytes = 1 + (aml[offset + 1] >> 6);
        int position = offset + 1 + lengthBytes;
        byte elements = TableBytes.U8(aml, position);
        position++;
        if (elements < 1 || !TryReadInteger(aml, ref position, out uint a) || a > LargestSleepType)
        {
            return false;
        }

        // Some firmware gives only one element for machines that have no PM1b register.
        uint b = 0;
        if (elements >= 2 && (!TryReadInteger(aml, ref position, out b) || b > LargestSleepType))
        {
            return false;
        }

        type = new SleepType((byte)a, (byte)b);
        return true;
    }

    private static bool TryReadInteger(ReadOnlySpan<byte> aml, ref int position, out uint value)
    {
        value = 0;
        if (!TableBytes.Holds(aml, position, 1))
        {
            return false;
        }

        byte prefix = aml[position];
        position++;
        int size = prefix switch
        {
            BytePrefix => 1,
            WordPrefix => 2,
            DwordPrefix => 4,
            _ => 0,
        };
        if (size == 0)
        {
            value = prefix;
            return prefix is 0 or 1 or OnesOp;
        }

        if (!TableBytes.Holds(aml, position, size))
        {
            return false;
        }

        value = size switch
        {
            1 => TableBytes.U8(aml, position),
            2 => TableBytes.U16(aml, position),
            _ => TableBytes.U32(aml, position),
        };
        position += size;
        return true;
    }
}
