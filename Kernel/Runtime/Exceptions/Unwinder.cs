using System.Runtime.CompilerServices;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// Steps from a frame to its caller by the call frame instructions that ILC emits (DWARF 5, 6.4).
/// </summary>
/// <remarks>Calling context: any, a panic included; no allocation, no exception, no lock, and no read outside the given stack.</remarks>
internal static unsafe class Unwinder
{
    private const int RegisterCount = 17;
    private const int Rbx = 3;
    private const int Rbp = 6;
    private const int Rsp = 7;
    private const int ReturnAddress = 16;
    private const int StateStackDepth = 4;

    // Cost of a rule table on the stack of a panic: small enough to keep four of them for remember_state.
    private struct Rules
    {
        public int CfaRegister;
        public long CfaOffset;

        // Bit n: register n was saved at CFA + Offsets[n].
        public uint Saved;
        public fixed long Offsets[RegisterCount];
    }

    /// <summary>
    /// Replaces <paramref name="display"/>, a frame at <paramref name="address"/> inside the code that
    /// <paramref name="entry"/> covers, by its caller's. False, with the display unchanged, if the tables or the stack do not allow it.
    /// </summary>
    public static bool TryStep(ref RegisterDisplay display, in FrameEntry entry, ulong address, in StackBounds bounds)
    {
        Rules initial = default;
        if (!Run(ref initial, in initial, entry.InitialInstructions, entry.InitialInstructionsEnd, entry, ulong.MaxValue))
        {
            return false;
        }

        Rules rules = initial;
        if (!Run(ref rules, in initial, entry.Instructions, entry.InstructionsEnd, entry, address - entry.Start))
        {
            return false;
        }

        ulong cfa;
        switch (rules.CfaRegister)
        {
            case Rsp:
                cfa = display.StackPointer;
                break;
            case Rbp:
                cfa = *display.Rbp;
                break;
            case Rbx:
                cfa = *display.Rbx;
                break;
            default:
                return false;
        }

        cfa += (ulong)rules.CfaOffset;

        // The stack only ever shrinks towards the caller; anything else is damage, and could loop.
        if (cfa <= display.StackPointer || (rules.Saved & (1u << ReturnAddress)) == 0)
        {
            return false;
        }

        RegisterDisplay caller = display;
        ulong* returnAddress = (ulong*)(cfa + (ulong)rules.Offsets[ReturnAddress]);
        if (!bounds.ContainsSlot((ulong)returnAddress)
            || !Locate(ref caller.Rbx, rules, Rbx, cfa, bounds)
            || !Locate(ref caller.Rbp, rules, Rbp, cfa, bounds)
            || !Locate(ref caller.R12, rules, 12, cfa, bounds)
            || !Locate(ref caller.R13, rules, 13, cfa, bounds)
            || !Locate(ref caller.R14, rules, 14, cfa, bounds)
            || !Locate(ref caller.R15, rules, 15, cfa, bounds))
        {
            return false;
        }

        caller.InstructionPointer = *returnAddress;
        caller.StackPointer = cfa;
        display = caller;
        return true;
    }

    private static bool Locate(ref ulong* place, in Rules rules, int register, ulong cfa, in StackBounds bounds)
    {
        if ((rules.Saved & (1u << register)) == 0)
        {
            return true;
        }

        ulong address = cfa + (ulong)rules.Offsets[register];
        place = (ulong*)address;
        return bounds.ContainsSlot(address);
    }

    // Runs instructions until the location passes `limit` bytes from the entry's start.
    [SkipLocalsInit]
    private static bool Run(ref Rules rules, in Rules initial, byte* cursor, byte* end, in FrameEntry entry, ulong limit)
    {
        ulong location = 0;
        int depth = 0;
        Rules* remembered = stackalloc Rules[StateStackDepth];
        while (cursor < end)
        {
            byte instruction = *cursor++;
            int operand = instruction & 0x3F;
            switch (instruction & 0xC0)
            {
                case 0x40: // advance_loc
                    location += (ulong)operand * entry.CodeAlignment;
                    if (location > limit)
                    {
                        return true;
                    }

                    continue;
                case 0x80: // offset
                    if (!Save(ref rules, operand, (long)Leb128.ReadUnsigned(ref cursor) * entry.DataAlignment))
                    {
                        return false;
                    }

                    continue;
                case 0xC0: // restore
                    if (!Restore(ref rules, initial, operand))
                    {
                        return false;
                    }

                    continue;
                default:
                    break;
            }

            ulong advance = 0;
            switch (operand)
            {
                case 0x00: // nop
                    break;
                case 0x02: // advance_loc1
                    advance = *cursor++;
                    break;
                case 0x03: // advance_loc2
                    advance = *(ushort*)cursor;
                    cursor += 2;
                    break;
                case 0x04: // advance_loc4
                    advance = *(uint*)cursor;
                    cursor += 4;
                    break;
                case 0x05: // offset_extended
                    {
                        ulong register = Leb128.ReadUnsigned(ref cursor);
                        if (register >= RegisterCount || !Save(ref rules, (int)register, (long)Leb128.ReadUnsigned(ref cursor) * entry.DataAlignment))
                        {
                            return false;
                        }

                        break;
                    }

                case 0x06: // restore_extended
                    {
                        ulong register = Leb128.ReadUnsigned(ref cursor);
                        if (register >= RegisterCount || !Restore(ref rules, initial, (int)register))
                        {
                            return false;
                        }

                        break;
                    }

                case 0x07: // undefined
                case 0x08: // same_value
                    {
                        ulong register = Leb128.ReadUnsigned(ref cursor);
                        if (register >= RegisterCount)
                        {
                            return false;
                        }

                        rules.Saved &= ~(1u << (int)register);
                        break;
                    }

                case 0x0A: // remember_state
                    if (depth == StateStackDepth)
                    {
                        return false;
                    }

                    remembered[depth++] = rules;
                    break;
                case 0x0B: // restore_state
                    if (depth == 0)
                    {
                        return false;
                    }

                    rules = remembered[--depth];
                    break;
                case 0x0C: // def_cfa
                    rules.CfaRegister = (int)Leb128.ReadUnsigned(ref cursor);
                    rules.CfaOffset = (long)Leb128.ReadUnsigned(ref cursor);
                    break;
                case 0x0D: // def_cfa_register
                    rules.CfaRegister = (int)Leb128.ReadUnsigned(ref cursor);
                    break;
                case 0x0E: // def_cfa_offset
                    rules.CfaOffset = (long)Leb128.ReadUnsigned(ref cursor);
                    break;
                default: // expressions and registers in registers: ILC emits none
                    return false;
            }

            location += advance * entry.CodeAlignment;
            if (location > limit)
            {
                return true;
            }
        }

        return true;
    }

    private static bool Save(ref Rules rules, int register, long offset)
    {
        if (register >= RegisterCount)
        {
            return false;
        }

        rules.Offsets[register] = offset;
        rules.Saved |= 1u << register;
        return true;
    }

    private static bool Restore(ref Rules rules, in Rules initial, int register)
    {
        if (register >= RegisterCount)
        {
            return false;
        }

        rules.Offsets[register] = initial.Offsets[register];
        rules.Saved = (rules.Saved & ~(1u << register)) | (initial.Saved & (1u << register));
        return true;
    }
}
