using System;

namespace IL2CPU.API.Attribs;

/// <summary>A field that a <see cref="Plug"/> adds to its target.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PlugField : Attribute
{
    /// <summary>Name of the field.</summary>
    public string? FieldId { get; set; }

    /// <summary>Whether the field only holds the address of a value elsewhere.</summary>
    public bool IsExternalValue { get; set; }

    /// <summary>Type of the field.</summary>
    public Type? FieldType { get; set; }
}
