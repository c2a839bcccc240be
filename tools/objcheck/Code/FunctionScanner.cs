using System;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>
/// Decodes a function from its first byte to its last and lists what it refers to. ILC resolves calls inside a section itself and leaves no
/// relocation, so relocations alone would miss most of them.
/// </summary>
internal sealed class FunctionScanner(CodeModel model)
{
    // Symbols of ILC that stand for data which the code of one method, or a dispatch, uses.
    private const string SwitchTablePrefix = "__readonlydata_";
    private const string DispatchCellPrefix = "__InterfaceDispatchCell_";
    private const int DispatchCellRegister = 10;

    /// <summary>The references of a function in the order of its code.</summary>
    public List<Reference> Scan(Function function)
    {
        var references = new List<Reference>();
        ReadOnlySpan<byte> section = function.Object.File.Data(function.Section);
        ReadOnlySpan<ElfRelocation> relocations = function.Object.RelocationsIn(function.Section, function.Start, function.End);
        int nextRelocation = 0;
        int loadedRegister = -1;
        bool hasSwitchTable = false;
        bool hasDispatchCell = false;
        Flow last = Flow.Next;
        for (ulong address = function.Start; address < function.End;)
        {
            Instruction instruction = InstructionDecoder.Decode(section[(int)address..(int)function.End]);
            ulong next = address + (ulong)instruction.Length;
            if (instruction.Flow == Flow.Invalid)
            {
                references.Add(new Reference(ReferenceKind.Undecodable, null, string.Empty, true, address, false));
                return references;
            }

            bool returns = Returns(section, next, function.End);
            bool relocatedTarget = false;
            bool relocatedOperand = false;
            Function? loaded = null;
            Function? called = null;
            while (nextRelocation < relocations.Length && relocations[nextRelocation].Offset < next)
            {
                ElfRelocation relocation = relocations[nextRelocation++];
                long field = (long)(relocation.Offset - address);
                bool isTarget = HasRelativeTarget(instruction) && field == instruction.RelativeOffset;
                bool isOperand = instruction.HasRipOperand && field == instruction.RipDisplacementOffset;
                Target target = model.Resolve(function.Object, relocation, instruction.Length - field);
                relocatedTarget |= isTarget;
                relocatedOperand |= isOperand;
                if (isOperand && instruction.IsLoadAddress)
                {
                    loaded = target.Function;
                }
                else if (isOperand && IsIndirect(instruction) && model.FunctionInSlot(target) is { } callee)
                {
                    called = callee;
                    references.Add(new Reference(ReferenceKind.Call, callee, callee.Symbols[0], true, address, returns));
                }

                hasSwitchTable |= target.Symbol.StartsWith(SwitchTablePrefix, StringComparison.Ordinal);
                hasDispatchCell |= target.Symbol.StartsWith(DispatchCellPrefix, StringComparison.Ordinal);
                if (target.Function != function)
                {
                    ReferenceKind kind = isTarget ? KindOf(instruction) : ReferenceKind.Address;
                    references.Add(new Reference(kind, target.Function, target.Symbol, target.IsDefined, address, returns));
                }
            }

            if (HasRelativeTarget(instruction) && !relocatedTarget)
            {
                AddLocal(references, function, next + (ulong)(long)instruction.Relative, KindOf(instruction), address, returns);
            }

            if (instruction.HasRipOperand && !relocatedOperand)
            {
                loaded = AddLocal(references, function, next + (ulong)(long)instruction.RipDisplacement, ReferenceKind.Address, address, returns);
            }

            if (IsIndirect(instruction) && called is null && !IsExplained(instruction, loadedRegister, hasSwitchTable, hasDispatchCell))
            {
                int slot = instruction.TargetBase >= 0 ? instruction.TargetDisplacement : 0;
                references.Add(new Reference(ReferenceKind.Indirect, null, string.Empty, true, address, returns, slot));
            }

            loadedRegister = instruction.IsLoadAddress && loaded is not null ? instruction.Register : -1;
            last = instruction.Flow;
            address = next;
        }

        if (!function.HasSize && last is not (Flow.Jump or Flow.IndirectJump or Flow.Return or Flow.Stop))
        {
            AddLocal(references, function, function.End, ReferenceKind.FallThrough, function.End, false);
        }

        return references;
    }

    private static bool HasRelativeTarget(in Instruction instruction) => instruction.Flow is Flow.Call or Flow.Jump or Flow.ConditionalJump;

    private static ReferenceKind KindOf(in Instruction instruction) => instruction.Flow == Flow.Call ? ReferenceKind.Call : ReferenceKind.Jump;

    // A call that never returns is followed by int3, ud2 or the end of the function; compilers rely on it, and so do unwinders.
    private static bool Returns(ReadOnlySpan<byte> section, ulong next, ulong end)
    {
        if (next >= end)
        {
            return false;
        }

        return InstructionDecoder.Decode(section[(int)next..(int)end]).Flow != Flow.Stop;
    }

    private static bool IsIndirect(in Instruction instruction) => instruction.Flow is Flow.IndirectCall or Flow.IndirectJump;

    // Not an unknown target: a call of the function whose address the previous instruction loaded into this register; a switch (the JIT marks tail
    // calls through a register by REX.W, jumps within the method have none); an interface dispatch through the cell in r10, which is a
    // reference of its own.
    private static bool IsExplained(in Instruction instruction, int loadedRegister, bool hasSwitchTable, bool hasDispatchCell)
    {
        if (instruction.TargetRegister >= 0)
        {
            bool isSwitch = instruction.Flow == Flow.IndirectJump && hasSwitchTable && !instruction.HasRexW;
            return instruction.TargetRegister == loadedRegister || isSwitch;
        }

        return hasDispatchCell && instruction.TargetBase == DispatchCellRegister && instruction.TargetDisplacement == 0;
    }

    private static Function? AddLocal(List<Reference> references, Function from, ulong address, ReferenceKind kind, ulong site, bool returns)
    {
        if (address >= from.Start && address < from.End)
        {
            return null;
        }

        Function? target = from.Object.FunctionAt(from.Section.Index, address);
        if (target is not null && target != from)
        {
            references.Add(new Reference(kind, target, target.Symbols[0], true, site, returns));
        }

        return target;
    }
}
