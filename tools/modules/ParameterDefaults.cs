using System;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Modules;

/// <summary>Finds the initial value of a property in the constructors of its class, where it is a constant.</summary>
internal static class ParameterDefaults
{
    /// <summary>The value: bool, long, ulong or string. Null when it is computed, or has no field of its own.</summary>
    public static object? Find(PropertyDefinition property)
    {
        FieldDefinition? field = property.DeclaringType.Fields.FirstOrDefault(f => f.Name == $"<{property.Name}>k__BackingField");
        if (field is null)
        {
            return null;
        }

        foreach (MethodDefinition constructor in property.DeclaringType.Methods.Where(method => method.IsConstructor && !method.IsStatic && method.HasBody))
        {
            foreach (Instruction instruction in constructor.Body.Instructions)
            {
                if (instruction.OpCode == OpCodes.Stfld && ((FieldReference)instruction.Operand).FullName == field.FullName)
                {
                    return Constant(instruction.Previous, field.FieldType);
                }
            }
        }

        // Nobody sets it: zero.
        return field.FieldType.FullName switch
        {
            "System.String" => null,
            "System.Boolean" => false,
            _ => 0L,
        };
    }

    private static object? Constant(Instruction instruction, TypeReference type)
    {
        if (instruction.OpCode == OpCodes.Ldstr)
        {
            return instruction.Operand;
        }

        bool isWidened = instruction.OpCode == OpCodes.Conv_I8 || instruction.OpCode == OpCodes.Conv_U8;
        Instruction load = isWidened ? instruction.Previous : instruction;
        long? value = load.OpCode.Code switch
        {
            >= Code.Ldc_I4_M1 and <= Code.Ldc_I4_8 => load.OpCode.Code - Code.Ldc_I4_0,
            Code.Ldc_I4_S => (sbyte)load.Operand,
            Code.Ldc_I4 => (int)load.Operand,
            Code.Ldc_I8 => (long)load.Operand,
            _ => null,
        };
        if (value is not long number)
        {
            return null;
        }

        // A constant of 32 bits is sign-extended here; what it means follows from the type and from how it was widened.
        return type.FullName switch
        {
            "System.Boolean" => number != 0,
            "System.UInt32" => (long)(uint)number,
            "System.UInt64" => instruction.OpCode == OpCodes.Conv_U8 ? (ulong)(uint)number : (ulong)number,
            _ => instruction.OpCode == OpCodes.Conv_U8 ? (uint)number : number,
        };
    }
}
