using System;

namespace IL2CPU.API.Attribs;

/// <summary>A parameter of a <see cref="PlugMethod"/> that stands for a field of the target.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FieldAccess : Attribute
{
    /// <summary>Full name of the field.</summary>
    public string? Name;
}
