using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Types as text that is equal for equal types, whatever assembly a reference goes through (System.Runtime and CoreLib name the same ones). Generic parameters are numbered through, those of the type first: a plug of a
/// generic type may be a generic class or have generic methods.
/// </summary>
internal static class TypeShape
{
    /// <summary>The text for a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="typeParameters">How many parameters the type has that methods' parameters are numbered behind.</param>
    public static string Of(TypeReference type, int typeParameters) => type switch
    {
        ByReferenceType reference => Of(reference.ElementType, typeParameters) + "&",
        PointerType pointer => Of(pointer.ElementType, typeParameters) + "*",
        ArrayType array => $"{Of(array.ElementType, typeParameters)}[{array.Rank}]",
        GenericInstanceType instance => $"{Of(instance.ElementType, typeParameters)}<{string.Join(',', instance.GenericArguments.Select(argument => Of(argument, typeParameters)))}>",
        IModifierType modified => Of(modified.ElementType, typeParameters),
        PinnedType pinned => Of(pinned.ElementType, typeParameters),
        GenericParameter parameter => $"!{parameter.Position + (parameter.Type == GenericParameterType.Method ? typeParameters : 0)}",
        FunctionPointerType => "fnptr",
        _ => type.FullName,
    };

    /// <summary>It is a class, interface or array: <c>object</c> may stand for it where it has no name that the plug can write.</summary>
    public static bool IsReference(TypeReference type) => type is ArrayType || (!type.IsValueType && type is not (ByReferenceType or PointerType or GenericParameter or FunctionPointerType));
}
