namespace System.Runtime;

/// <summary>Gives a static C# method an unmangled symbol, so that X# can call it. ILC matches this type by name.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
{
    /// <summary>The symbol's name.</summary>
    public string EntryPoint { get; } = entryPoint;
}

/// <summary>Binds a static extern C# method to an X# function: a plain call with no transition. ILC matches this type by name.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute(string entryPoint) : Attribute
{
    /// <summary>The symbol's name.</summary>
    public string EntryPoint { get; } = entryPoint;
}
