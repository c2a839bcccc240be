using System;

namespace CosmosKernel.Modules;

/// <summary>
/// Makes a settable property of a module a boot option <c>MODULE.NAME=VALUE</c>. Types: <see cref="bool"/>, <see cref="int"/>, <see cref="uint"/>, <see cref="long"/>, <see cref="ulong"/>,
/// <see cref="string"/>, enumerations (by name), and arrays of numbers and strings (values with commas between them). The property's initial value is the default. A value that does not fit is a
/// warning that names it, and the default stays; a default that does not fit is an error of the build.
/// </summary>
/// <param name="description">One line for people.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ModuleParameterAttribute(string description) : Attribute
{
    /// <summary>One line for people.</summary>
    public string Description { get; } = description;

    /// <summary>Lowest allowed number, or number of an array.</summary>
    public long Minimum { get; init; } = long.MinValue;

    /// <summary>Highest allowed number, or number of an array. Without it a <see cref="ulong"/> goes to its own end.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>Most elements of an array, or characters of a string; 1 and up.</summary>
    public int MaximumLength { get; init; } = 1024;

    /// <summary>It may be changed while the module runs, through its file in /sys/module: the setter is then called in any task, at any time.</summary>
    public bool IsWritable { get; init; }
}
