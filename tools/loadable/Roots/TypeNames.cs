using System;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>Names of the symbols of types' tables, as ILC 9.0 mangles them.</summary>
internal static class TypeNames
{
    /// <summary>What such a symbol begins with; the length of the type's name follows.</summary>
    public const string Table = "_ZTV";

    /// <summary>The symbol of a type, or of a generic type's definition.</summary>
    /// <param name="assembly">Simple name of the type's assembly.</param>
    /// <param name="type">The type.</param>
    public static string TableOf(string assembly, TypeReference type)
    {
        const string Private = "System.Private.";
        string prefix = assembly.StartsWith(Private, StringComparison.Ordinal) ? "S.P." + assembly[Private.Length..] : assembly;
        string mangled = string.Concat($"{prefix}.{type.FullName}".Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return $"{Table}{mangled.Length}{mangled}";
    }

    /// <summary>The type's name in a symbol, for instantiations that of the definition.</summary>
    public static string Definition(string symbol) => symbol[Table.Length..].TrimStart("0123456789".ToCharArray()).Split('<', 2)[0];
}
