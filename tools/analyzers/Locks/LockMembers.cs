using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Locks;

/// <summary>Finds the members that a declaration's text names.</summary>
public static class LockMembers
{
    /// <summary>Follows a path of member names.</summary>
    /// <param name="start">The type in which it begins.</param>
    /// <param name="path">Names parted by dots; a leading "this" is left out.</param>
    /// <returns>The members, in order; empty when one of them does not exist.</returns>
    public static ImmutableArray<ISymbol> Resolve(ITypeSymbol start, string path) => Follow(start, Split(path));

    /// <summary>Follows a path that may begin at a parameter of a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Names parted by dots.</param>
    /// <param name="parameter">The parameter in which it begins; null when it begins at the object or at a static of its type.</param>
    /// <param name="members">The members after that.</param>
    /// <returns>False when a name does not exist.</returns>
    public static bool TryResolve(IMethodSymbol method, string path, out IParameterSymbol? parameter, out ImmutableArray<ISymbol> members)
    {
        IEnumerable<string> names = Split(path);
        string? first = names.FirstOrDefault();
        parameter = method.Parameters.FirstOrDefault(candidate => candidate.Name == first);
        if (parameter is not null)
        {
            members = Follow(parameter.Type, names.Skip(1));
            return names.Count() == 1 || !members.IsEmpty;
        }

        members = Follow(method.ContainingType, names);
        return !members.IsEmpty;
    }

    /// <summary>A path that begins at what a method returns.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Names parted by dots.</param>
    /// <param name="members">The members after "return"; empty when one does not exist.</param>
    /// <returns>False when the path begins elsewhere.</returns>
    public static bool IsOfResult(IMethodSymbol method, string path, out ImmutableArray<ISymbol> members)
    {
        const string Result = "return.";
        bool isOfResult = path.StartsWith(Result, System.StringComparison.Ordinal);
        members = isOfResult ? Resolve(method.ReturnType, path.Substring(Result.Length)) : [];
        return isOfResult;
    }

    /// <summary>A member that code can lock: of a lock type, or a readonly object for <c>lock</c>.</summary>
    public static bool IsLockable(ISymbol member) => TypeOf(member) is { } type
        && (Disciplines.SharedState.IsLock(type) || (type.IsReferenceType && member is IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null }));

    /// <summary>The type of a field or property.</summary>
    public static ITypeSymbol? TypeOf(ISymbol member) => member switch
    {
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        IParameterSymbol parameter => parameter.Type,
        ILocalSymbol local => local.Type,
        _ => null,
    };

    private static IEnumerable<string> Split(string path)
    {
        string[] names = path.Split('.');
        return names[0] == "this" ? names.Skip(1) : names;
    }

    private static ImmutableArray<ISymbol> Follow(ITypeSymbol start, IEnumerable<string> names)
    {
        ImmutableArray<ISymbol>.Builder members = ImmutableArray.CreateBuilder<ISymbol>();
        ITypeSymbol? type = start;
        foreach (string name in names)
        {
            if (type is IPointerTypeSymbol pointer)
            {
                type = pointer.PointedAtType;
            }

            ISymbol? member = null;
            for (ITypeSymbol? declaring = type; member is null && declaring is not null; declaring = declaring.BaseType)
            {
                member = declaring.GetMembers(name).FirstOrDefault(candidate => candidate is IFieldSymbol or IPropertySymbol);
            }

            // A nested type may name the lock of the type around it.
            for (INamedTypeSymbol? outer = type?.ContainingType; member is null && members.Count == 0 && outer is not null; outer = outer.ContainingType)
            {
                member = outer.GetMembers(name).FirstOrDefault(candidate => candidate is IFieldSymbol { IsStatic: true } or IPropertySymbol { IsStatic: true });
            }

            if (member is null)
            {
                return [];
            }

            members.Add(member);
            type = TypeOf(member);
        }

        return members.ToImmutable();
    }
}
