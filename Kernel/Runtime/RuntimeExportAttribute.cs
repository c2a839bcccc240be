namespace System.Runtime;

/// <summary>
/// Exports a static method under a symbol name, with no transition on entry. The NativeAOT compiler recognises this
/// attribute, and <see cref="RuntimeImportAttribute"/>, by namespace and name.
/// </summary>
/// <param name="entry">The symbol that the object file defines.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class RuntimeExportAttribute(string entry) : Attribute
{
    /// <summary>The symbol that the object file defines.</summary>
    public string EntryPoint { get; } = entry;
}

/// <summary>
/// Binds an <c>extern</c> method marked <c>MethodImplOptions.InternalCall</c> to a symbol: calls to it are plain calls
/// with no transition. The NativeAOT compiler recognises it by namespace and name.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class RuntimeImportAttribute : Attribute
{
    /// <summary>Imports a symbol that this link provides, under any library name.</summary>
    /// <param name="entry">The symbol.</param>
    public RuntimeImportAttribute(string entry)
        : this("*", entry)
    {
    }

    /// <summary>Imports a symbol of a library; "*" is whatever this link provides.</summary>
    /// <param name="dllName">The library's name, or "*".</param>
    /// <param name="entry">The symbol.</param>
    public RuntimeImportAttribute(string dllName, string entry)
    {
        DllName = dllName;
        EntryPoint = entry;
    }

    /// <summary>The library's name, or "*".</summary>
    public string DllName { get; }

    /// <summary>The symbol.</summary>
    public string EntryPoint { get; }
}
