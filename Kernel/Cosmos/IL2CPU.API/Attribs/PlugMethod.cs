using System;

namespace IL2CPU.API.Attribs;

/// <summary>Says how a method of a <see cref="Plug"/> finds the method that it replaces.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
public sealed class PlugMethod : Attribute
{
    /// <summary>Processor that the plug is for.</summary>
    public TargetPlatform TargetPlatform = TargetPlatform.x86;

    /// <summary>Full signature of the target, where the name is not enough.</summary>
    public string? Signature { get; set; }

    /// <summary>Whether the plug is in use.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Class that writes the replacement in assembly.</summary>
    public Type? Assembler { get; set; }

    /// <summary>Whether the target must be plugged.</summary>
    public bool PlugRequired { get; set; }

    /// <summary>Whether one plug replaces all methods of the name.</summary>
    public bool IsWildcard { get; set; }

    /// <summary>Whether a wildcard also compares parameters.</summary>
    public bool WildcardMatchParameters { get; set; }

    /// <summary>Whether the target may be missing.</summary>
    public bool IsOptional { get; set; } = true;
}
