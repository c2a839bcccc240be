using System;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>
/// Code that asks whether a class constructor has run compares the 8 bytes in front of the class's static fields with zero. Where the kernel's compiler has run the constructor there are no such
/// bytes: the comparison is replaced by one of the same length that always says yes, of a register with itself. Instructions: Intel SDM, volume 2.
/// </summary>
internal static class ConstructorCheck
{
    private const int StateBytes = 8;
    private const int FieldBytes = 4;
    private const int Window = 32;
    private const byte CompareImmediate8 = 0x83;
    private const byte CompareRegisters = 0x39;
    private const byte LoadAddress = 0x8D;

    /// <summary>Replaces the comparison behind a reference to static fields, if there is one.</summary>
    /// <param name="code">The function's bytes, which are changed.</param>
    /// <param name="field">Offset of the reference's 32 bits.</param>
    /// <param name="addend">Its addend.</param>
    /// <param name="isFieldGone">The 32 bits are no more: the reference must not be resolved.</param>
    /// <returns>The reference is to the state itself, and nothing that needs it was found: it cannot be resolved.</returns>
    public static bool Remove(Span<byte> code, int field, long addend, out bool isFieldGone)
    {
        isFieldGone = false;
        // cmp qword ptr [rip + fields - 8], 0: the immediate stands behind the field.
        if (addend == -FieldBytes - 1 - StateBytes && field >= 3 && code[field - 3] == 0x48 && code[field - 2] == CompareImmediate8 && code[field - 1] == 0x3D)
        {
            Write(code.Slice(field - 3, 8), 0);
            isFieldGone = true;
            return false;
        }

        // lea register, [fields] or [fields - 8].
        bool isState = addend == -FieldBytes - StateBytes;
        if (field < 3 || code[field - 2] != LoadAddress || (code[field - 3] & 0xFB) != 0x48)
        {
            return isState;
        }

        int register = ((code[field - 1] >> 3) & 7) | ((code[field - 3] & 4) << 1);
        int end = Math.Min(field + FieldBytes + Window, code.Length);
        for (int at = field + FieldBytes; at < end; at++)
        {
            int length = Match(code[at..end], register, isState ? 0 : -StateBytes);
            if (length != 0)
            {
                Write(code.Slice(at, length), register);
                return false;
            }
        }

        return isState;
    }

    // cmp qword ptr [register + displacement], 0; the length, or 0.
    private static int Match(ReadOnlySpan<byte> code, int register, int displacement)
    {
        bool needsSib = (register & 7) == 4;
        int length = 4 + (displacement != 0 ? 1 : 0) + (needsSib ? 1 : 0);
        if (code.Length < length || code[0] != (register > 7 ? 0x49 : 0x48) || code[1] != CompareImmediate8)
        {
            return 0;
        }

        int at = 3;
        bool matches = code[2] == ((displacement != 0 ? 0x40 : 0) | 0x38 | (register & 7));
        matches &= !needsSib || code[at++] == 0x24;
        matches &= displacement == 0 || code[at++] == unchecked((byte)displacement);
        return matches && code[at] == 0 ? length : 0;
    }

    // cmp register, register, and the recommended NOPs.
    private static void Write(Span<byte> code, int register)
    {
        code[0] = (byte)(register > 7 ? 0x4D : 0x48);
        code[1] = CompareRegisters;
        code[2] = (byte)(0xC0 | ((register & 7) << 3) | (register & 7));
        ReadOnlySpan<byte> nops = (code.Length - 3) switch
        {
            1 => [0x90],
            2 => [0x66, 0x90],
            3 => [0x0F, 0x1F, 0x00],
            _ => [0x0F, 0x1F, 0x44, 0x00, 0x00],
        };
        nops.CopyTo(code[3..]);
    }
}
