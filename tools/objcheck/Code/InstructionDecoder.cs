using System;
using System.Buffers.Binary;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>
/// Finds the length of x86-64 instructions and what they do to the flow of control (Intel SDM volume 2, chapter 2 and appendix A). Covers the
/// one-, two- and three-byte opcode maps, VEX and EVEX.
/// </summary>
internal static class InstructionDecoder
{
    private const int MaximumLength = 15;

    private enum Operand : byte
    {
        None,
        ModRm,
        ModRmImm8,
        ModRmImmZ,
        Imm8,
        Imm16,
        ImmZ,
        ImmV,
        Offset,
        Enter,
        Bad,
    }

    /// <summary>Decodes the instruction at the beginning of <paramref name="code"/>.</summary>
    /// <returns>An instruction with <see cref="Flow.Invalid"/> and length 1 when there is none.</returns>
    public static Instruction Decode(ReadOnlySpan<byte> code)
    {
        var instruction = new Instruction { TargetRegister = -1, TargetBase = -1 };
        var reader = new Reader(code.Length > MaximumLength ? code[..MaximumLength] : code);
        if (!TryDecode(ref reader, ref instruction))
        {
            return new Instruction { Length = 1, Flow = Flow.Invalid, TargetRegister = -1, TargetBase = -1 };
        }

        instruction.Length = reader.Position;
        return instruction;
    }

    private static bool TryDecode(ref Reader reader, ref Instruction instruction)
    {
        bool operandSize = false;
        bool addressSize = false;
        byte rex = 0;
        byte opcode;
        while (true)
        {
            if (!reader.TryByte(out opcode))
            {
                return false;
            }

            if (opcode is 0x66)
            {
                operandSize = true;
                rex = 0;
            }
            else if (opcode is 0x67)
            {
                addressSize = true;
                rex = 0;
            }
            else if (opcode is 0xF0 or 0xF2 or 0xF3 or 0x2E or 0x36 or 0x3E or 0x26 or 0x64 or 0x65)
            {
                rex = 0;
            }
            else if (opcode is >= 0x40 and <= 0x4F)
            {
                rex = opcode;
            }
            else
            {
                break;
            }
        }

        instruction.HasRexW = (rex & 8) != 0;
        switch (opcode)
        {
            case 0x0F:
                return TryTwoByte(ref reader, ref instruction, rex, operandSize);
            case 0xC5:
                return reader.TrySkip(1) && reader.TryByte(out byte vexOpcode) && TryVector(ref reader, ref instruction, 1, vexOpcode);
            case 0xC4:
                return reader.TryByte(out byte map) && reader.TrySkip(1) && reader.TryByte(out byte longOpcode)
                    && TryVector(ref reader, ref instruction, map & 0x1F, longOpcode);
            case 0x62:
                return reader.TryByte(out byte evexMap) && reader.TrySkip(2) && reader.TryByte(out byte evexOpcode)
                    && TryVector(ref reader, ref instruction, evexMap & 7, evexOpcode);
            default:
                return TryOneByte(ref reader, ref instruction, opcode, rex, operandSize, addressSize);
        }
    }

    private static bool TryOneByte(ref Reader reader, ref Instruction instruction, byte opcode, byte rex, bool operandSize, bool addressSize)
    {
        int immediate = operandSize && !instruction.HasRexW ? 2 : 4;
        switch (opcode)
        {
            case 0xE8 or 0xE9:
                instruction.Flow = opcode == 0xE8 ? Flow.Call : Flow.Jump;
                return TryRelative(ref reader, ref instruction, 4);
            case 0xEB:
                instruction.Flow = Flow.Jump;
                return TryRelative(ref reader, ref instruction, 1);
            case (>= 0x70 and <= 0x7F) or (>= 0xE0 and <= 0xE3):
                instruction.Flow = Flow.ConditionalJump;
                return TryRelative(ref reader, ref instruction, 1);
            case 0xC2 or 0xC3 or 0xCA or 0xCB or 0xCF:
                instruction.Flow = Flow.Return;
                break;
            case 0xCC or 0xF4:
                instruction.Flow = Flow.Stop;
                break;
            case 0xF6 or 0xF7:
                if (!reader.TryPeek(out byte test) || !TryModRm(ref reader, ref instruction, rex))
                {
                    return false;
                }

                bool hasImmediate = (test >> 3 & 7) <= 1;
                return !hasImmediate || reader.TrySkip(opcode == 0xF6 ? 1 : immediate);
            case 0xFF:
                return TryGroup5(ref reader, ref instruction, rex);
            case 0x8D:
                instruction.IsLoadAddress = true;
                return TryModRm(ref reader, ref instruction, rex);
            default:
                break;
        }

        return OneByteOperand(opcode) switch
        {
            Operand.None => true,
            Operand.ModRm => TryModRm(ref reader, ref instruction, rex),
            Operand.ModRmImm8 => TryModRm(ref reader, ref instruction, rex) && reader.TrySkip(1),
            Operand.ModRmImmZ => TryModRm(ref reader, ref instruction, rex) && reader.TrySkip(immediate),
            Operand.Imm8 => reader.TrySkip(1),
            Operand.Imm16 => reader.TrySkip(2),
            Operand.ImmZ => reader.TrySkip(immediate),
            Operand.ImmV => reader.TrySkip(instruction.HasRexW ? 8 : immediate),
            Operand.Offset => reader.TrySkip(addressSize ? 4 : 8),
            Operand.Enter => reader.TrySkip(3),
            _ => false,
        };
    }

    private static Operand OneByteOperand(byte opcode) => opcode switch
    {
        < 0x40 => (opcode & 7) switch
        {
            <= 3 => Operand.ModRm,
            4 => Operand.Imm8,
            5 => Operand.ImmZ,
            _ => Operand.Bad,
        },
        >= 0x50 and <= 0x5F => Operand.None,
        0x63 => Operand.ModRm,
        0x68 => Operand.ImmZ,
        0x69 => Operand.ModRmImmZ,
        0x6A => Operand.Imm8,
        0x6B => Operand.ModRmImm8,
        >= 0x6C and <= 0x6F => Operand.None,
        0x80 or 0x83 => Operand.ModRmImm8,
        0x81 => Operand.ModRmImmZ,
        >= 0x84 and <= 0x8F => Operand.ModRm,
        0x9A => Operand.Bad,
        >= 0x90 and <= 0x9F => Operand.None,
        >= 0xA0 and <= 0xA3 => Operand.Offset,
        0xA8 => Operand.Imm8,
        0xA9 => Operand.ImmZ,
        >= 0xA4 and <= 0xAF => Operand.None,
        >= 0xB0 and <= 0xB7 => Operand.Imm8,
        >= 0xB8 and <= 0xBF => Operand.ImmV,
        0xC0 or 0xC1 or 0xC6 => Operand.ModRmImm8,
        0xC2 or 0xCA => Operand.Imm16,
        0xC7 => Operand.ModRmImmZ,
        0xC8 => Operand.Enter,
        0xC3 or 0xC9 or 0xCB or 0xCC or 0xCF => Operand.None,
        0xCD => Operand.Imm8,
        >= 0xD0 and <= 0xD3 => Operand.ModRm,
        0xD7 => Operand.None,
        >= 0xD8 and <= 0xDF => Operand.ModRm,
        >= 0xE4 and <= 0xE7 => Operand.Imm8,
        >= 0xEC and <= 0xEF => Operand.None,
        0xF1 or 0xF4 or 0xF5 => Operand.None,
        >= 0xF8 and <= 0xFD => Operand.None,
        0xFE => Operand.ModRm,
        _ => Operand.Bad,
    };

    private static bool TryTwoByte(ref Reader reader, ref Instruction instruction, byte rex, bool operandSize)
    {
        if (!reader.TryByte(out byte opcode))
        {
            return false;
        }

        switch (opcode)
        {
            case 0x0B:
                instruction.Flow = Flow.Stop;
                return true;
            case 0x07 or 0x35:
                instruction.Flow = Flow.Return;
                return true;
            case >= 0x80 and <= 0x8F:
                instruction.Flow = Flow.ConditionalJump;
                return TryRelative(ref reader, ref instruction, 4);
            case 0x38:
                return reader.TrySkip(1) && TryModRm(ref reader, ref instruction, rex);
            case 0x3A or 0x0F:
                return (opcode == 0x0F || reader.TrySkip(1)) && TryModRm(ref reader, ref instruction, rex) && reader.TrySkip(1);
            case 0x78 when operandSize:
                return TryModRm(ref reader, ref instruction, rex) && reader.TrySkip(2);
            default:
                break;
        }

        return TwoByteOperand(opcode) switch
        {
            Operand.None => true,
            Operand.ModRm => TryModRm(ref reader, ref instruction, rex),
            Operand.ModRmImm8 => TryModRm(ref reader, ref instruction, rex) && reader.TrySkip(1),
            _ => false,
        };
    }

    private static Operand TwoByteOperand(byte opcode) => opcode switch
    {
        0x04 or 0x0A or 0x0C or (>= 0x24 and <= 0x27) or 0x36 or (>= 0x39 and <= 0x3F) => Operand.Bad,
        0x05 or 0x06 or 0x08 or 0x09 or 0x0E or (>= 0x30 and <= 0x37) or 0x77 => Operand.None,
        (>= 0xA0 and <= 0xA2) or (>= 0xA8 and <= 0xAA) or (>= 0xC8 and <= 0xCF) => Operand.None,
        (>= 0x70 and <= 0x73) or 0xA4 or 0xAC or 0xBA or 0xC2 or (>= 0xC4 and <= 0xC6) => Operand.ModRmImm8,
        _ => Operand.ModRm,
    };

    // The vector encodings name the opcode map in their prefix; their register fields do not matter here.
    private static bool TryVector(ref Reader reader, ref Instruction instruction, int map, byte opcode)
    {
        switch (map)
        {
            case 1 when opcode == 0x77:
                return true;
            case 1:
                bool immediate = TwoByteOperand(opcode) == Operand.ModRmImm8 && opcode is not (0xA4 or 0xAC or 0xBA);
                return TryModRm(ref reader, ref instruction, 0) && (!immediate || reader.TrySkip(1));
            case 2 or 5 or 6:
                return TryModRm(ref reader, ref instruction, 0);
            case 3:
                return TryModRm(ref reader, ref instruction, 0) && reader.TrySkip(1);
            default:
                return false;
        }
    }

    private static bool TryGroup5(ref Reader reader, ref Instruction instruction, byte rex)
    {
        if (!reader.TryPeek(out byte modRm))
        {
            return false;
        }

        instruction.Flow = (modRm >> 3 & 7) switch
        {
            2 or 3 => Flow.IndirectCall,
            4 or 5 => Flow.IndirectJump,
            7 => Flow.Invalid,
            _ => Flow.Next,
        };
        if (instruction.Flow == Flow.Invalid)
        {
            return false;
        }

        int extension = (rex & 1) << 3;
        if (modRm >> 6 == 3)
        {
            instruction.TargetRegister = (modRm & 7) | extension;
        }

        int start = reader.Position;
        if (!TryModRm(ref reader, ref instruction, rex))
        {
            return false;
        }

        SetTargetBase(ref instruction, reader.Consumed(start), extension);
        return true;
    }

    private static void SetTargetBase(ref Instruction instruction, ReadOnlySpan<byte> operand, int extension)
    {
        int mode = operand[0] >> 6;
        int register = operand[0] & 7;
        int displacement = 1;
        if (mode == 3 || instruction.HasRipOperand)
        {
            return;
        }

        if (register == 4)
        {
            bool hasIndex = (operand[1] >> 3 & 7) != 4;
            register = operand[1] & 7;
            displacement = 2;
            if (hasIndex || (mode == 0 && register == 5))
            {
                return;
            }
        }

        instruction.TargetBase = register | extension;
        instruction.TargetDisplacement = mode switch
        {
            1 => (sbyte)operand[displacement],
            2 => BinaryPrimitives.ReadInt32LittleEndian(operand[displacement..]),
            _ => 0,
        };
    }

    private static bool TryModRm(ref Reader reader, ref Instruction instruction, byte rex)
    {
        if (!reader.TryByte(out byte modRm))
        {
            return false;
        }

        instruction.Register = (modRm >> 3 & 7) | ((rex & 4) << 1);
        int mode = modRm >> 6;
        int register = modRm & 7;
        if (mode == 3)
        {
            return true;
        }

        if (register == 4)
        {
            if (!reader.TryByte(out byte sib))
            {
                return false;
            }

            return reader.TrySkip(mode switch { 0 => (sib & 7) == 5 ? 4 : 0, 1 => 1, _ => 4 });
        }

        if (mode == 0 && register == 5)
        {
            instruction.HasRipOperand = true;
            instruction.RipDisplacementOffset = reader.Position;
            return reader.TryInt32(out instruction.RipDisplacement);
        }

        return reader.TrySkip(mode switch { 0 => 0, 1 => 1, _ => 4 });
    }

    private static bool TryRelative(ref Reader reader, ref Instruction instruction, int size)
    {
        instruction.RelativeOffset = reader.Position;
        if (size == 4)
        {
            return reader.TryInt32(out instruction.Relative);
        }

        bool read = reader.TryByte(out byte value);
        instruction.Relative = (sbyte)value;
        return read;
    }

    private ref struct Reader(ReadOnlySpan<byte> code)
    {
        private readonly ReadOnlySpan<byte> _code = code;

        public int Position { get; private set; }

        public readonly ReadOnlySpan<byte> Consumed(int start) => _code[start..Position];

        public readonly bool TryPeek(out byte value)
        {
            bool inside = Position < _code.Length;
            value = inside ? _code[Position] : (byte)0;
            return inside;
        }

        public bool TryByte(out byte value)
        {
            bool read = TryPeek(out value);
            Position += read ? 1 : 0;
            return read;
        }

        public bool TryInt32(out int value)
        {
            bool read = BinaryPrimitives.TryReadInt32LittleEndian(_code[Position..], out value);
            Position += read ? 4 : 0;
            return read;
        }

        public bool TrySkip(int count)
        {
            if (count > _code.Length - Position)
            {
                return false;
            }

            Position += count;
            return true;
        }
    }
}
