using System;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Tools.Elf.Names;

/// <summary>
/// Turns the symbols of an ILC object (<c>S_P_CoreLib_System_String__Concat_3</c>) into names that a C# developer recognises
/// (<c>System.String.Concat</c>): exactly where ILC's size statistics name the method, by the mangling rules elsewhere.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class SymbolNames
{
    // Followed by the name of the delegate initializer, "__", and the method that the delegate calls.
    private const string DelegateConstructor = "__DelegateCtor_S_P_CoreLib_System_Delegate__";

    // A type's symbol is its virtual table: this prefix, the length of the mangled name in decimal, the mangled name.
    private const string VirtualTable = "_ZTV";

    // What ILC puts before a type's or method's mangled name when it makes a helper for it, and how a person would say it.
    private static readonly (string Prefix, string Says)[] s_typeHelpers =
    [
        ("__GetGCStaticBase_", "static base of"),
        ("__GetNonGCStaticBase_", "static base of"),
        ("__GetThreadStaticBase_", "thread static base of"),
        ("__InterfaceDispatchCell_", "interface dispatch of"),
        ("__GCSTATICS", "object statics of"),
        ("__NONGCSTATICS", "statics of"),
        ("__THREADSTATICS", "thread statics of"),
        ("__TypeThreadStaticIndex", "thread static index of"),
        (VirtualTable, "type"),
    ];

    private static readonly (string Prefix, string Says)[] s_methodHelpers =
    [
        ("unbox_", "unboxing"),
        ("__RuntimeLookup_", "generic lookup for"),
        ("__readonlydata_", "constants of"),
        ("__ehinfo_", "exception table of"),
        ("__reversePInvoke_", "native entry of"),
    ];

    // The assembly prefixes that the framework's assemblies get; any other assembly's prefix is its own name.
    private static readonly string[] s_frameworkPrefixes =
    [
        "S_P_CoreLib_", "S_P_TypeLoader_", "S_P_StackTraceMetadata_", "S_P_Reflection_Execution_", "S_P_DisabledReflection_", "S_P_Uri_", "S_P_Xml_",
    ];

    private readonly Dictionary<string, MethodName> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MethodName> _known = new(StringComparer.Ordinal);
    private readonly List<string> _assemblyPrefixes = [.. s_frameworkPrefixes];

    /// <summary>Adds the exact names that ILC wrote with <c>--mstat:FILE</c>.</summary>
    /// <exception cref="System.IO.InvalidDataException">The file is not size statistics with names.</exception>
    public void AddStatistics(string path)
    {
        MstatReader.Read(path, _methods, _types);
        _known.Clear();
    }

    /// <summary>Names an assembly (<c>CosmosKernel.Machine</c>) whose prefix is to be dropped from names that the statistics do not list.</summary>
    public void AddAssembly(string simpleName)
    {
        ArgumentNullException.ThrowIfNull(simpleName);
        var prefix = new StringBuilder(simpleName.Length + 1);
        foreach (char c in simpleName)
        {
            prefix.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        _assemblyPrefixes.Add(prefix.Append('_').ToString());
        _known.Clear();
    }

    /// <summary>The readable name of the type whose MethodTable a symbol (<c>_ZTV...</c>) stands for; empty for other symbols.</summary>
    public string ReadableTypeOf(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        return symbol.StartsWith(VirtualTable, StringComparison.Ordinal) ? ReadableType(symbol[VirtualTable.Length..].TrimStart("0123456789".ToCharArray())) : string.Empty;
    }

    /// <summary>Whether ILC's statistics name this symbol as a method.</summary>
    public bool IsExact(string symbol) => _methods.ContainsKey(symbol);

    /// <summary>The readable name of a symbol; names that are not managed come back as they are.</summary>
    public MethodName Readable(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        if (!_known.TryGetValue(symbol, out MethodName name))
        {
            name = Make(symbol);
            _known.Add(symbol, name);
        }

        return name;
    }

    private MethodName Make(string symbol)
    {
        if (_methods.TryGetValue(symbol, out MethodName exact))
        {
            return exact;
        }

        foreach ((string prefix, string says) in s_typeHelpers)
        {
            if (symbol.StartsWith(prefix, StringComparison.Ordinal))
            {
                string type = prefix == VirtualTable ? ReadableTypeOf(symbol) : ReadableType(symbol[prefix.Length..]);
                return new MethodName(string.Empty, $"[{says} {type}]");
            }
        }

        if (symbol.StartsWith(DelegateConstructor, StringComparison.Ordinal))
        {
            int target = symbol.IndexOf("__", DelegateConstructor.Length, StringComparison.Ordinal) + 2;
            return new MethodName(string.Empty, $"[delegate to {Readable(symbol[target..])}]");
        }

        foreach ((string prefix, string says) in s_methodHelpers)
        {
            if (symbol.StartsWith(prefix, StringComparison.Ordinal))
            {
                return new MethodName(string.Empty, $"[{says} {Readable(symbol[prefix.Length..])}]");
            }
        }

        return SplitMangled(symbol);
    }

    private string ReadableType(string mangled)
    {
        if (_types.TryGetValue(mangled, out string? exact))
        {
            return exact;
        }

        string text = mangled.StartsWith("System_", StringComparison.Ordinal) ? mangled : WithoutAssembly(mangled, out _);
        return text.Replace('_', '.');
    }

    // TYPE__METHOD outside all angle brackets. Neither part may be empty; of several places the first whose left side is a known type is taken, or
    // else the last, without splitting the underscores that belong to a name such as .ctor (type + "__" + "_ctor").
    private MethodName SplitMangled(string symbol)
    {
        int depth = 0;
        int last = -1;
        for (int i = 0; i < symbol.Length - 2; i++)
        {
            depth += symbol[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (depth != 0 || i == 0 || symbol[i] != '_' || symbol[i + 1] != '_')
            {
                continue;
            }

            if (_types.TryGetValue(symbol[..i], out string? type))
            {
                return new MethodName(type, symbol[(i + 2)..]);
            }

            if (symbol[i - 1] != '_')
            {
                last = i;
            }
        }

        if (last < 0)
        {
            return new MethodName(string.Empty, symbol);
        }

        string left = WithoutAssembly(symbol[..last], out bool managed);
        string method = WithoutOverloadNumber(symbol[(last + 2)..]);
        method = method switch { "_ctor" => ".ctor", "_cctor" => ".cctor", _ => method };
        return managed ? new MethodName(left.Replace('_', '.'), method) : new MethodName(string.Empty, symbol);
    }

    private string WithoutAssembly(string mangled, out bool managed)
    {
        string? best = null;
        foreach (string prefix in _assemblyPrefixes)
        {
            if (mangled.StartsWith(prefix, StringComparison.Ordinal) && (best is null || prefix.Length > best.Length))
            {
                best = prefix;
            }
        }

        managed = best is not null;
        return best is null ? mangled : mangled[best.Length..];
    }

    // ILC numbers overloads: Concat, Concat_0, Concat_1.
    private static string WithoutOverloadNumber(string method)
    {
        int underscore = method.LastIndexOf('_');
        return underscore > 0 && underscore + 1 < method.Length && method.AsSpan(underscore + 1).ContainsAnyExceptInRange('0', '9') == false
            ? method[..underscore]
            : method;
    }
}
