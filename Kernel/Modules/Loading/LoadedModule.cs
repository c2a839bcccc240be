using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Runtime.Modules;

namespace CosmosKernel.Modules.Loading;

/// <summary>Where a loaded module stands, by Linux's names in <c>/sys/module/NAME/initstate</c>.</summary>
public enum LoadedModuleState
{
    /// <summary>Its entry or its start runs.</summary>
    Coming,

    /// <summary>It runs.</summary>
    Live,

    /// <summary>It was stopped, and something still refers to it.</summary>
    Going,
}

/// <summary>A module that was loaded at run time. Members without another note: any task, a snapshot.</summary>
public sealed class LoadedModule
{
    [Atomic]
    private int _state;

    internal LoadedModule(ModuleInformation information, int length, ExportTable exports, IReadOnlyList<LoadedModule> needs)
    {
        Name = information.Name;
        Version = information.Get("version");
        SourceVersion = information.Get("srcversion");
        Length = length;
        Exports = exports;
        Needs = needs;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its version; may be empty.</summary>
    public string Version { get; }

    /// <summary>Hash of its sources; may be empty.</summary>
    public string SourceVersion { get; }

    /// <summary>Bytes of its memory.</summary>
    public int Length { get; }

    /// <summary>The loaded modules that it needs.</summary>
    public IReadOnlyList<LoadedModule> Needs { get; }

    /// <summary>Where it stands.</summary>
    public LoadedModuleState State
    {
        get => (LoadedModuleState)Volatile.Read(ref _state);
        internal set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>First address; 0 when its memory was released.</summary>
    public ulong Address => Memory?.Address ?? 0;

    /// <summary>What the registry knows of it; null before its entry has returned and after it was stopped.</summary>
    [GuardedBy(typeof(ModuleLoader), nameof(ModuleLoader.Loading), LockFreeReads = true)]
    public ModuleEntry? Entry { get; internal set; }

    /// <summary>Whether it needs another module.</summary>
    internal bool DoesNeed(LoadedModule other)
    {
        foreach (LoadedModule needed in Needs)
        {
            if (needed == other)
            {
                return true;
            }
        }

        return false;
    }

    internal ExportTable Exports { get; }

    [GuardedBy(typeof(ModuleLoader), nameof(ModuleLoader.Loading), LockFreeReads = true)]
    internal ModuleMemory? Memory { get; set; }

    [GuardedBy(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    internal ModuleImage? Image { get; set; }
}
