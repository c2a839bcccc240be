using System;

namespace IL2CPU.API.Attribs;

/// <summary>The type of a field that a <see cref="PlugMethod"/> reaches, where that type is not accessible.</summary>
[AttributeUsage(AttributeTargets.Parameter, AllowMultiple = false)]
public sealed class FieldType : Attribute
{
    /// <summary>Name of the type.</summary>
    public string? Name { get; set; }
}
