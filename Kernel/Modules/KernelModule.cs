using System;

namespace CosmosKernel.Modules;

/// <summary>
/// A module: a driver, a service or a set of tests. The kernel makes one instance, sets its parameters, and calls <see cref="Start"/> once; <see cref="Stop"/> once at the
/// end, if <see cref="Start"/> succeeded. Everything registered through the <see cref="ModuleContext"/> is released after <see cref="Stop"/>, in reverse order,
/// also when <see cref="Start"/> throws: a module that fails leaves nothing behind.
/// </summary>
public abstract class KernelModule
{
    /// <summary>Brings the module up. Task context. An exception refuses the module; its message is logged.</summary>
    /// <param name="context">What the module may use, and the owner of all that it registers.</param>
    public abstract void Start(ModuleContext context);

    /// <summary>Takes the module down. Task context. What the context owns is released afterwards.</summary>
    public virtual void Stop()
    {
    }
}

/// <summary>Says what a module is. Exactly one public class with this attribute in an assembly makes the assembly a module.</summary>
/// <param name="name">Lower-case name, unique in an image; prefix of the module's boot options.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModuleAttribute(string name) : Attribute
{
    /// <summary>Unique name.</summary>
    public string Name { get; } = name;

    /// <summary>Version, three numbers.</summary>
    public string Version { get; init; } = "1.0.0";

    /// <summary>SPDX name of the licence.</summary>
    public string License { get; init; } = "";

    /// <summary>Who wrote it.</summary>
    public string Author { get; init; } = "";

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Names of modules that are started before this one.</summary>
    public string[] DependsOn { get; init; } = [];
}

/// <summary>
/// Makes a settable property of a module a boot option <c>MODULE.NAME=VALUE</c>. Types: <see cref="bool"/>, <see cref="int"/>, <see cref="long"/>, <see cref="string"/>.
/// The property's initial value is the default. A value that does not fit is a warning that names it, and the default stays.
/// </summary>
/// <param name="description">One line for people.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ModuleParameterAttribute(string description) : Attribute
{
    /// <summary>One line for people.</summary>
    public string Description { get; } = description;

    /// <summary>Lowest allowed number.</summary>
    public long Minimum { get; init; } = long.MinValue;

    /// <summary>Highest allowed number.</summary>
    public long Maximum { get; init; } = long.MaxValue;
}
