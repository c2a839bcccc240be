using System;
using System.Collections.Generic;

namespace CosmosKernel.Tools.Modules;

/// <summary>What the image must know of a module.</summary>
internal sealed record ModuleDescription(
    string TypeName,
    string Name,
    IReadOnlyDictionary<string, string> About,
    IReadOnlyList<string> DependsOn,
    IReadOnlyList<ParameterDescription> Parameters,
    IReadOnlyList<TestDescription> Tests)
{
    /// <summary>Source file, line and class, for messages.</summary>
    public string Place { get; init; } = "";

    /// <summary>Its version, three numbers.</summary>
    public Version Version { get; init; } = new(1, 0, 0);

    /// <summary>What <see cref="DependsOn"/> means.</summary>
    public IReadOnlyList<DependencyDescription> Dependencies { get; init; } = [];

    /// <summary>Which devices it serves, as Linux's modules.alias has them: <c>pci:v00001AF4d00001041sv*sd*bc*sc*i*</c>.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The namespaces of its types.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];
}

/// <summary>A module that another needs, and the oldest version that will do.</summary>
internal sealed record DependencyDescription(string Name, Version? Minimum);

/// <summary>An in-kernel test: its name and its method.</summary>
internal sealed record TestDescription(string Name, string Method);
