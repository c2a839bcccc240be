using System;
using System.Collections.Generic;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Modules;

/// <summary>A parameter of a module, as the image's generated list knows it.</summary>
/// <param name="Name">Name behind the module's prefix.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Set">Parses and sets; returns null, or what is wrong with the value.</param>
public sealed record ModuleParameter(string Name, string Description, Func<string, string?> Set);

/// <summary>One module of the image: what it says of itself, its instance, and where it stands. The image's generated list makes these.</summary>
public sealed class ModuleEntry
{
    /// <summary>Describes a module.</summary>
    public ModuleEntry(KernelModule module, ModuleAttribute about, IReadOnlyList<ModuleParameter> parameters, IReadOnlyList<KernelTest> tests)
    {
        Module = module;
        About = about;
        Parameters = parameters;
        Tests = tests;
    }

    /// <summary>The instance.</summary>
    public KernelModule Module { get; }

    /// <summary>What the module says of itself.</summary>
    public ModuleAttribute About { get; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<ModuleParameter> Parameters { get; }

    /// <summary>Its in-kernel tests.</summary>
    public IReadOnlyList<KernelTest> Tests { get; }

    /// <summary>True between a successful start and the stop.</summary>
    public bool IsRunning => Context is not null;

    /// <summary>Why it did not start; null when it did or was not asked to.</summary>
    public string? Failure { get; internal set; }

    internal ModuleContext? Context { get; set; }
}
