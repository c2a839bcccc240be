using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers;

/// <summary>The attributes of <c>CosmosKernel.Machine.Locking</c> as one compilation sees them, and what a symbol says with them.</summary>
public sealed class KernelSymbols
{
    private const string Namespace = "CosmosKernel.Machine.Locking";

    private KernelSymbols(Compilation compilation)
    {
        Compilation = compilation;
    }

    /// <summary>The compilation.</summary>
    public Compilation Compilation { get; }

    /// <summary>The symbols of a compilation, or null where the attributes do not exist: nothing is checked there.</summary>
    public static KernelSymbols? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName(Namespace + ".GuardedByAttribute") is null ? null : new KernelSymbols(compilation);

    /// <summary>The attributes of one kind on a symbol, without those that it inherits.</summary>
    /// <param name="symbol">Any symbol.</param>
    /// <param name="name">The attribute's name without "Attribute".</param>
    public static IEnumerable<AttributeData> Attributes(ISymbol symbol, string name) =>
        symbol.GetAttributes().Where(attribute => IsKernelAttribute(attribute.AttributeClass, name));

    /// <summary>The symbol itself has the attribute.</summary>
    public static bool Has(ISymbol symbol, string name)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (IsKernelAttribute(attribute.AttributeClass, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The attribute class is the kernel's of that name.</summary>
    public static bool IsKernelAttribute(INamedTypeSymbol? type, string name) =>
        type is not null
        && type.Name.Length == name.Length + 9
        && type.Name.StartsWith(name, System.StringComparison.Ordinal)
        && type.ContainingNamespace is { Name: "Locking", ContainingNamespace: { Name: "Machine", ContainingNamespace.Name: "CosmosKernel" } };

    /// <summary>An argument of an attribute that is a text.</summary>
    public static string? Text(AttributeData attribute)
    {
        foreach (TypedConstant argument in attribute.ConstructorArguments)
        {
            if (argument.Value is string text)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>An argument of an attribute that is a type.</summary>
    public static INamedTypeSymbol? Type(AttributeData attribute)
    {
        foreach (TypedConstant argument in attribute.ConstructorArguments)
        {
            if (argument.Value is INamedTypeSymbol type)
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>A named argument of an attribute is true.</summary>
    public static bool Flag(AttributeData attribute, string name) =>
        attribute.NamedArguments.Any(argument => argument.Key == name && argument.Value.Value is true);
}
