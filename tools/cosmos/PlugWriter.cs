using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>Gives a method another body: a call of the plug.</summary>
internal static class PlugWriter
{
    /// <summary>Writes it.</summary>
    public static void Redirect(MethodDefinition plug, PlugTarget target)
    {
        MethodDefinition method = target.Method;
        method.IsInternalCall = false;

        // In this order: setting the one sets the other.
        method.PInvokeInfo = null;
        method.IsPInvokeImpl = false;
        method.ImplAttributes &= ~MethodImplAttributes.CodeTypeMask;
        method.ImplAttributes &= ~(MethodImplAttributes.AggressiveInlining | MethodImplAttributes.Unmanaged);
        method.DebugInformation?.SequencePoints.Clear();

        var body = new MethodBody(method);
        ILProcessor il = body.GetILProcessor();
        int argument = 0;
        bool needsThis = target.PassesThis;
        for (int i = 0; i < plug.Parameters.Count; i++)
        {
            if (target.Fields[i] is { } field)
            {
                LoadField(il, method, field, plug.Parameters[i].ParameterType is ByReferenceType);
            }
            else if (needsThis)
            {
                needsThis = false;
                il.Emit(OpCodes.Ldarg_0);
                if (method.DeclaringType.IsValueType && plug.Parameters[i].ParameterType is not ByReferenceType)
                {
                    il.Emit(OpCodes.Ldobj, Self(method.DeclaringType));
                }
            }
            else
            {
                il.Emit(OpCodes.Ldarg, method.Parameters[argument++]);
            }
        }

        il.Emit(OpCodes.Call, Import(plug, method));
        if (plug.ReturnType.FullName != method.ReturnType.FullName && method.ReturnType is not GenericParameter && TypeShape.IsReference(method.ReturnType))
        {
            il.Emit(OpCodes.Castclass, method.ReturnType);
        }

        il.Emit(OpCodes.Ret);
        method.Body = body;
    }

    private static void LoadField(ILProcessor il, MethodDefinition method, FieldDefinition field, bool byReference)
    {
        // A plug may write what only a constructor could.
        field.IsInitOnly = field.IsInitOnly && !byReference;
        FieldReference reference = method.Module.ImportReference(field, method);
        if (field.DeclaringType.HasGenericParameters)
        {
            reference = new FieldReference(field.Name, field.FieldType, Self(field.DeclaringType));
        }

        if (field.IsStatic)
        {
            il.Emit(byReference ? OpCodes.Ldsflda : OpCodes.Ldsfld, reference);
        }
        else
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(byReference ? OpCodes.Ldflda : OpCodes.Ldfld, reference);
        }
    }

    // A type as its own code sees it: with its parameters as arguments.
    private static TypeReference Self(TypeDefinition type)
    {
        if (!type.HasGenericParameters)
        {
            return type;
        }

        var self = new GenericInstanceType(type);
        foreach (GenericParameter parameter in type.GenericParameters)
        {
            self.GenericArguments.Add(parameter);
        }

        return self;
    }

    private static MethodReference Import(MethodDefinition plug, MethodDefinition target)
    {
        MethodReference reference = target.Module.ImportReference(plug);
        GenericParameter[] parameters = [.. target.DeclaringType.GenericParameters, .. target.GenericParameters];
        int used = plug.DeclaringType.GenericParameters.Count;
        if (used > 0)
        {
            var type = new GenericInstanceType(target.Module.ImportReference(plug.DeclaringType));
            foreach (GenericParameter parameter in parameters.Take(used))
            {
                type.GenericArguments.Add(parameter);
            }

            // A copy: in one module the reference is the definition itself.
            var ofInstance = new MethodReference(reference.Name, reference.ReturnType, type);
            foreach (ParameterDefinition parameter in reference.Parameters)
            {
                ofInstance.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
            }

            foreach (GenericParameter parameter in reference.GenericParameters)
            {
                ofInstance.GenericParameters.Add(new GenericParameter(parameter.Name, ofInstance));
            }

            reference = ofInstance;
        }

        if (plug.GenericParameters.Count == 0)
        {
            return reference;
        }

        var instance = new GenericInstanceMethod(reference);
        foreach (GenericParameter parameter in parameters.Skip(used))
        {
            instance.GenericArguments.Add(parameter);
        }

        return instance;
    }
}
