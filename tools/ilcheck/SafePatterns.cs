using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>
/// The few shapes in which the C# compiler uses unverifiable instructions for safe source: <c>Span&lt;T&gt; s = stackalloc T[n]</c>, and spans over
/// constant data (<c>"text"u8</c>). Everything else that uses these instructions is refused.
/// </summary>
internal static class SafePatterns
{
    // Initial elements of a stackalloc are stored between localloc and the span's constructor; no array initializer comes near this length.
    private const int FarthestConstructor = 4096;

    /// <summary>Whether what a <c>localloc</c> gives goes into a span and nowhere else.</summary>
    public static bool IsStackAllocatedSpan(Instruction localloc)
    {
        Instruction? next = localloc.Next;
        for (int i = 0; i < FarthestConstructor && next is not null; i++, next = next.Next)
        {
            if (IsSpanConstructor(next))
            {
                return true;
            }

            if (!MayInitializeStack(next))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Whether an instruction stands between a <c>localloc</c> and the constructor of its span, so that it stores initial elements.</summary>
    public static bool IsPartOfStackAllocatedSpan(Instruction instruction)
    {
        Instruction? previous = instruction.Previous;
        for (int i = 0; i < FarthestConstructor && previous is not null; i++, previous = previous.Previous)
        {
            if (previous.OpCode.Code == Code.Localloc)
            {
                return IsStackAllocatedSpan(previous);
            }

            if (!MayInitializeStack(previous))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Whether a call is the constructor of a span over constant data or over a <c>stackalloc</c>.</summary>
    public static bool IsSpanOverConstantOrStack(Instruction call)
    {
        if (!IsSpanConstructor(call))
        {
            return false;
        }

        // Constant data: the address of a field that the compiler made, then the length.
        bool overConstant = call.Previous?.Previous is { OpCode.Code: Code.Ldsflda, Operand: FieldReference field } && TypeNames.IsCompilerDetail(field.DeclaringType);
        return overConstant || IsPartOfStackAllocatedSpan(call);
    }

    /// <summary>Whether the address of a method goes into the constructor of a delegate.</summary>
    public static bool FeedsDelegate(Instruction loadFunction) =>
        loadFunction.Next is { OpCode.Code: Code.Newobj, Operand: MethodReference { Name: ".ctor", Parameters.Count: 2 } constructor }
        && constructor.Parameters[0].ParameterType.MetadataType == MetadataType.Object
        && constructor.Parameters[1].ParameterType.MetadataType == MetadataType.IntPtr;

    /// <summary>Whether a conversion to a native integer is applied to a reference.</summary>
    public static bool ConvertsReference(Instruction conversion) =>
        conversion.Previous?.OpCode.Code is Code.Ldloca or Code.Ldloca_S or Code.Ldarga or Code.Ldarga_S or Code.Ldflda or Code.Ldsflda or Code.Ldelema
        || (conversion.Previous is { Operand: MethodReference { ReturnType: ByReferenceType } });

    /// <summary>Whether an instruction reads or writes through an address.</summary>
    public static bool IsAccess(Code code) => code is
        (>= Code.Ldind_I1 and <= Code.Stind_R8) or Code.Stind_I or Code.Ldobj or Code.Stobj or Code.Cpobj or Code.Initobj;

    /// <summary>Whether the address of an access was computed as a number just before.</summary>
    public static bool AccessesNumber(Instruction access)
    {
        Instruction? address = access.Previous;
        bool stores = access.OpCode.Code is (>= Code.Stind_Ref and <= Code.Stind_R8) or Code.Stind_I or Code.Stobj or Code.Cpobj;
        if (stores)
        {
            // The address lies below the value; only a value of one instruction shows where it came from.
            address = address is not null && IsConstantOrLocal(address.OpCode.Code) ? address.Previous : null;
        }

        return address is not null && address.OpCode.Code is Code.Conv_I or Code.Conv_U or Code.Conv_Ovf_I or Code.Conv_Ovf_U or Code.Conv_Ovf_I_Un or Code.Conv_Ovf_U_Un
            or Code.Add or Code.Sub or Code.Localloc;
    }

    private static bool IsSpanConstructor(Instruction instruction) =>
        instruction is { OpCode.Code: Code.Newobj or Code.Call, Operand: MethodReference { Name: ".ctor", Parameters.Count: 2 } constructor }
        && constructor.Parameters[0].ParameterType is PointerType { ElementType.MetadataType: MetadataType.Void }
        && TypeNames.Of(constructor.DeclaringType is GenericInstanceType generic ? generic.ElementType : constructor.DeclaringType) is "System.Span" or "System.ReadOnlySpan";

    private static bool MayInitializeStack(Instruction instruction)
    {
        Code code = instruction.OpCode.Code;
        if (code == Code.Ldsflda)
        {
            return instruction.Operand is FieldReference field && TypeNames.IsCompilerDetail(field.DeclaringType);
        }

        return IsConstantOrLocal(code) || code is Code.Dup or Code.Add or Code.Mul or Code.Conv_I or Code.Cpblk or Code.Initblk or Code.Sizeof or Code.Unaligned
            or (>= Code.Stind_Ref and <= Code.Stind_R8) or Code.Stind_I or Code.Stobj;
    }

    private static bool IsConstantOrLocal(Code code) => code is
        (>= Code.Ldarg_0 and <= Code.Ldloc_3) or Code.Ldarg or Code.Ldarg_S or Code.Ldloc or Code.Ldloc_S or (>= Code.Ldc_I4_M1 and <= Code.Ldc_R8);
}
