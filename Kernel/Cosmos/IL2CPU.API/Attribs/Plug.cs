using System;

namespace IL2CPU.API.Attribs;

/// <summary>
/// Marks a class whose public static methods replace those of another class, before the image is compiled (docs/cosmos.md, Plugs).
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class Plug : Attribute
{
    /// <summary>Processor that the plug is for.</summary>
    public TargetPlatform TargetPlatform = TargetPlatform.x86;

    /// <summary>A plug whose target is given by a property.</summary>
    public Plug()
    {
    }

    /// <summary>A plug for a class.</summary>
    public Plug(Type target) => Target = target;

    /// <summary>A plug for a class that is not accessible: <c>"Class, Assembly"</c>.</summary>
    public Plug(string targetName) => TargetName = targetName;

    /// <summary>The class whose methods are replaced.</summary>
    public Type? Target { get; set; }

    /// <summary>The class by name.</summary>
    public string? TargetName { get; set; }

    /// <summary>Whether the target may be missing.</summary>
    public bool IsOptional { get; set; }

    /// <summary>Whether it also holds for classes that derive from the target.</summary>
    public bool Inheritable { get; set; }
}
