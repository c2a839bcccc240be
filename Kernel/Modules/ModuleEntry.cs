using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Modules;

/// <summary>One module: what it says of itself, its instance, where it stands, and who uses it. The image's generated list, or the loader, makes these.</summary>
public sealed partial class ModuleEntry
{
    [Immutable]
    private readonly ModuleDependency[] _dependencies;

    [Atomic]
    private long _faults;

    [Atomic]
    private string? _pin;

    /// <summary>Describes a module.</summary>
    /// <exception cref="FormatException">Its version, or that of a dependency, is none.</exception>
    public ModuleEntry(KernelModule module, ModuleAttribute about, IReadOnlyList<ModuleParameter> parameters, IReadOnlyList<KernelTest> tests)
    {
        ArgumentNullException.ThrowIfNull(about);
        Module = module;
        About = about;
        Parameters = parameters;
        Tests = tests;
        _dependencies = Array.ConvertAll(about.DependsOn, ModuleDependency.Parse);
        Version = ModuleVersion.TryParse(about.Version, out ModuleVersion version)
            ? version
            : throw new FormatException($"module '{about.Name}': expected a version of one to three numbers, found '{about.Version}'");
    }

    /// <summary>The instance.</summary>
    public KernelModule Module { get; }

    /// <summary>What the module says of itself.</summary>
    public ModuleAttribute About { get; }

    /// <summary>Its name.</summary>
    public string Name => About.Name;

    /// <summary>Its version.</summary>
    public ModuleVersion Version { get; }

    /// <summary>What it needs.</summary>
    public IReadOnlyList<ModuleDependency> Dependencies => _dependencies;

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<ModuleParameter> Parameters { get; }

    /// <summary>Its in-kernel tests.</summary>
    public IReadOnlyList<KernelTest> Tests { get; }

    /// <summary>The namespaces of its types: a stack that leads through one of them is a stack of this module.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>True between a successful start and the stop.</summary>
    public bool IsRunning => Context is not null;

    /// <summary>How many use it now: modules that depend on it, and whoever holds something of it open. Outdated at once. Any context.</summary>
    public int Uses => Context?.Uses ?? 0;

    /// <summary>Exceptions that left its code where nobody expected one, since boot. Any context.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Why it can never be stopped; null when it can.</summary>
    public string? PinnedBy => Volatile.Read(ref _pin);

    /// <summary>Why it did not start; null when it did or was not asked to.</summary>
    [GuardedBy(typeof(ModuleRegistry), nameof(ModuleRegistry.Lifecycle), LockFreeReads = true)]
    public string? Failure { get; internal set; }

    [GuardedBy(typeof(ModuleRegistry), nameof(ModuleRegistry.Lifecycle), LockFreeReads = true)]
    internal ModuleContext? Context { get; set; }

    /// <summary>What it owns from before its start to the end of its stop.</summary>
    [GuardedBy(typeof(ModuleRegistry), nameof(ModuleRegistry.Lifecycle), LockFreeReads = true)]
    internal ModuleContext? Owner { get; set; }

    /// <summary>The modules that it holds, in the order of <see cref="Dependencies"/>.</summary>
    [GuardedBy(typeof(ModuleRegistry), nameof(ModuleRegistry.Lifecycle))]
    internal List<ModuleContext> Held { get; } = [];

    /// <summary>Keeps the module for ever, for what cannot be taken back. Task context.</summary>
    /// <param name="reason">Says what it is; shown when somebody wants to stop the module.</param>
    public void Pin(string reason) => Interlocked.CompareExchange(ref _pin, reason, null);

    internal void CountFault() => Interlocked.Increment(ref _faults);
}
