using System.Linq;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Disciplines;

/// <summary>
/// What counts as shared mutable state. The rule is simple on purpose: every static, and every instance field of a class (or of a struct that has a lock), is shared,
/// unless the type says that its objects are not. See docs/analyzers/CKL001.md.
/// </summary>
public static class SharedState
{
    /// <summary>The field or auto-property must declare a discipline.</summary>
    public static bool NeedsDiscipline(ISymbol member)
    {
        if (member.IsImplicitlyDeclared || member.ContainingType is not { } type || type.TypeKind is not (TypeKind.Class or TypeKind.Struct))
        {
            return false;
        }

        if (!member.IsStatic && !IsShared(type))
        {
            return false;
        }

        return member switch
        {
            IFieldSymbol field => !field.IsConst && !IsThreadStatic(field) && !IsLock(field.Type) && !GuardsItself(field.Type) && (!field.IsReadOnly || HasMutableContent(field.Type)),
            IPropertySymbol property => IsAuto(property) && !IsLock(property.Type)
                && (property.SetMethod is { IsInitOnly: false } || HasMutableContent(property.Type)),
            IEventSymbol happening => happening is { IsAbstract: false, AddMethod.IsImplicitlyDeclared: true },
            _ => false,
        };
    }

    /// <summary>A struct that brings its own lock, or a table of such: as an object of a class would, it says itself how its fields may be touched.</summary>
    public static bool GuardsItself(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } named)
        {
            return false;
        }

        bool isTable = named.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "InlineArrayAttribute");
        return isTable ? named.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && GuardsItself(field.Type)) : IsShared(named);
    }

    /// <summary>Objects of the type can be reached by several tasks, as far as anybody knows.</summary>
    public static bool IsShared(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Struct)
        {
            // A struct is part of what holds it, which says how it may be touched; unless it brings its own lock.
            return !type.IsRefLikeType && !KernelSymbols.Has(type, "LockType")
                && type.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && IsLock(field.Type));
        }

        for (INamedTypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true } && current.Name is "Attribute" or "Exception")
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The type is a lock: of the kernel's, or .NET's.</summary>
    public static bool IsLock(ITypeSymbol type) =>
        KernelSymbols.Has(type.OriginalDefinition, "LockType")
        || type is INamedTypeSymbol { Name: "Lock", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };

    /// <summary>A readonly variable of this type still leads to something that changes and has no lock of its own: an array, a collection, an owned object.</summary>
    public static bool HasMutableContent(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol)
        {
            return true;
        }

        if (type is not INamedTypeSymbol named || named.TypeKind is not (TypeKind.Class or TypeKind.Interface))
        {
            return false;
        }

        INamespaceSymbol space = named.ContainingNamespace;
        if (IsIn(space, "System", "Collections", "Generic") || IsIn(space, "System", "Collections"))
        {
            return !named.Name.StartsWith("IReadOnly", System.StringComparison.Ordinal) && !named.Name.StartsWith("IEnum", System.StringComparison.Ordinal)
                && !named.Name.EndsWith("Comparer", System.StringComparison.Ordinal) && named.Name is not ("IComparer" or "IEqualityComparer");
        }

        if (IsIn(space, "System", "Text"))
        {
            return named.Name == "StringBuilder";
        }

        return named.TypeKind == TypeKind.Class
            && DisciplineReader.OfType(named.OriginalDefinition).Kind is DisciplineKind.Owned or DisciplineKind.TaskPrivate;
    }

    /// <summary>The compiler makes the field behind the property.</summary>
    public static bool IsAuto(IPropertySymbol property)
    {
        foreach (ISymbol member in property.ContainingType.GetMembers())
        {
            if (member is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An array, or a struct that is one: its elements are touched one by one.</summary>
    public static bool IsArray(ITypeSymbol? type) => type is IArrayTypeSymbol
        || (type is { IsValueType: true } && type.OriginalDefinition.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "InlineArrayAttribute"));

    /// <summary>The processor loads and stores a value of this type whole.</summary>
    public static bool IsAtomicSize(ITypeSymbol type) => type.IsReferenceType || type.TypeKind is TypeKind.Enum or TypeKind.Pointer or TypeKind.FunctionPointer
        || type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_SByte or SpecialType.System_Byte
            or SpecialType.System_Int16 or SpecialType.System_UInt16 or SpecialType.System_Int32 or SpecialType.System_UInt32
            or SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_IntPtr or SpecialType.System_UIntPtr
            or SpecialType.System_Single or SpecialType.System_Double
        || (type.TypeKind == TypeKind.TypeParameter && type.IsReferenceType);

    private static bool IsThreadStatic(IFieldSymbol field) => field.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ThreadStaticAttribute");

    private static bool IsIn(INamespaceSymbol? space, params string[] names)
    {
        for (int i = names.Length - 1; i >= 0; i--)
        {
            if (space is null || space.Name != names[i])
            {
                return false;
            }

            space = space.ContainingNamespace;
        }

        return space is { IsGlobalNamespace: true };
    }
}
