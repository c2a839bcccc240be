using System;

namespace CosmosKernel.Modules;

/// <summary>Says what a module is. Exactly one public class with this attribute in an assembly makes the assembly a module. The build checks it (docs/modules.md).</summary>
/// <param name="name">Lower-case letters, digits, '-' and '_', unique in an image; prefix of the module's boot options.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModuleAttribute(string name) : Attribute
{
    /// <summary>Unique name.</summary>
    public string Name { get; } = name;

    /// <summary>Version, one to three numbers (<see cref="ModuleVersion"/>).</summary>
    public string Version { get; init; } = "1.0.0";

    /// <summary>SPDX name of the licence.</summary>
    public string License { get; init; } = "";

    /// <summary>Who wrote it.</summary>
    public string Author { get; init; } = "";

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Modules that are started before this one, and not stopped while it runs: <c>NAME</c>, or <c>NAME &gt;= VERSION</c> for one that is not older.</summary>
    public string[] DependsOn { get; init; } = [];
}
