using System;
using System.Collections.Generic;
using Mono.Cecil;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Names as the lists spell them, and the parts of composed types.</summary>
internal static class TypeNames
{
    /// <summary>Full name with dots between nested types and without the <c>`1</c> of generic types.</summary>
    public static string Of(TypeReference type)
    {
        string name = WithoutArity(type.Name);
        if (type.DeclaringType is not null)
        {
            return $"{Of(type.DeclaringType)}.{name}";
        }

        return string.IsNullOrEmpty(type.Namespace) ? name : $"{type.Namespace}.{name}";
    }

    /// <summary>Full name of a member: its type's and its own.</summary>
    public static string Of(MemberReference member) => $"{Of(member.DeclaringType)}.{member.Name}";

    /// <summary>
    /// The named types that a type is made of: itself without array, reference and modifiers, and generic arguments. Pointers and function pointers come back as they are.
    /// </summary>
    public static IEnumerable<TypeReference> Parts(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                yield break;
            case PointerType or FunctionPointerType:
                yield return type;
                yield break;
            case GenericInstanceType generic:
                foreach (TypeReference argument in generic.GenericArguments)
                {
                    foreach (TypeReference part in Parts(argument))
                    {
                        yield return part;
                    }
                }

                yield return generic.ElementType;
                yield break;
            case TypeSpecification specification:
                foreach (TypeReference part in Parts(specification.ElementType))
                {
                    yield return part;
                }

                yield break;
            default:
                yield return type;
                yield break;
        }
    }

    /// <summary>Whether the compiler made the type for its own needs; no C# name can begin like this.</summary>
    public static bool IsCompilerDetail(TypeReference type) =>
        type.Name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal)
        || type.Name.StartsWith("<>y__InlineArray", StringComparison.Ordinal)
        || type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal)
        || (type.DeclaringType is not null && IsCompilerDetail(type.DeclaringType));

    private static string WithoutArity(string name)
    {
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick];
    }
}
