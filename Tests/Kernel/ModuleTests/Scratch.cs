using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Modules;

/// <summary>Modules that exist for one test; they are stopped, dependents first, and taken off the list.</summary>
internal sealed class Scratch : IDisposable
{
    [TaskPrivate]
    private readonly List<ModuleEntry> _entries = [];

    /// <summary>Adds a module that does what it is told; it is not started.</summary>
    public ModuleEntry Add(string name, Action<ModuleContext> start, Action? stop = null, string[]? dependsOn = null, string version = "1.0.0")
    {
        var entry = new ModuleEntry(new ScriptedModule(start, stop), new ModuleAttribute(name) { DependsOn = dependsOn ?? [], Version = version }, [], []);
        ModuleRegistry.Add(entry);
        _entries.Add(entry);
        return entry;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ModuleEntry entry in _entries)
        {
            if (entry.IsRunning)
            {
                ModuleRegistry.Stop(entry);
            }

            ModuleRegistry.Remove(entry);
        }
    }

    private sealed class ScriptedModule(Action<ModuleContext> start, Action? stop) : KernelModule
    {
        public override void Start(ModuleContext context) => start(context);

        public override void Stop() => stop?.Invoke();
    }
}
