using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Log;
using CosmosKernel.Runtime.Modules;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// Loads modules into the running kernel and unloads them: init_module(2), delete_module(2). docs/module-loading.md says what a module's file is. Task context, all members.
/// </summary>
public static class ModuleLoader
{
    /// <summary>Longest file that is read.</summary>
    public const int LongestFile = ModuleLayout.LongestModule;

    /// <summary>Serializes loading and unloading. A module's Start and Stop run under it, so they must not load or unload modules themselves.</summary>
    internal static readonly Mutex Loading = new("module loading");

    private static readonly object s_lock = new();

    // All that have memory, in the order in which they were loaded: those that are going as well.
    [GuardedBy(nameof(s_lock))]
    private static readonly List<LoadedModule> s_modules = [];

    /// <summary>Whether this kernel can load modules at all.</summary>
    public static bool IsSupported => KernelExports.TryRead(ImageLayout.Exports, out KernelExports exports) && exports.Count > 0;

    /// <summary>All that have memory, newest first, as <c>/proc/modules</c> lists them.</summary>
    [MightSleep]
    public static LoadedModule[] Modules
    {
        get
        {
            lock (s_lock)
            {
                LoadedModule[] modules = [.. s_modules];
                Array.Reverse(modules);
                return modules;
            }
        }
    }

    /// <summary>Finds a module by its name that is not going.</summary>
    [MightSleep]
    public static LoadedModule? Find(string name)
    {
        string wanted = ModuleInformation.Normalize(name);
        foreach (LoadedModule module in Modules)
        {
            if (module.State != LoadedModuleState.Going && ModuleInformation.Normalize(module.Name) == wanted)
            {
                return module;
            }
        }

        return null;
    }

    /// <summary>The modules that run and need this one.</summary>
    [MightSleep]
    public static List<LoadedModule> HoldersOf(LoadedModule module)
    {
        var holders = new List<LoadedModule>();
        foreach (LoadedModule other in Modules)
        {
            if (other.State != LoadedModuleState.Going && other.DoesNeed(module))
            {
                holders.Add(other);
            }
        }

        return holders;
    }

    /// <summary>Loads a module and starts it. When it is refused, or its start throws, nothing of it stays.</summary>
    /// <param name="file">The object. Read only before this returns.</param>
    /// <param name="parameters">Its parameters, as in init_module(2).</param>
    /// <exception cref="ModuleLoadException">Why it was refused; the log has it too.</exception>
    [MightSleep]
    public static void Load(byte[] file, string parameters)
    {
        string name = "module";
        try
        {
            using (Loading.Enter())
            {
                Load(file, parameters, ref name);
            }
        }
        catch (ModuleLoadException refusal)
        {
            KernelLog.Error($"{name}: not loaded: {refusal.Message}");
            throw;
        }
        catch (OutOfMemoryException)
        {
            KernelLog.Error($"{name}: not loaded: memory ran out");
            throw new ModuleLoadException(ModuleLoadError.NoMemory, "memory ran out");
        }
    }

    /// <summary>Stops a module and takes it away. When something still refers to it, its memory is kept until nothing does; it is stopped and unknown by then.</summary>
    /// <exception cref="ModuleLoadException">There is none of this name, or it is in use.</exception>
    [MightSleep]
    public static void Unload(string name)
    {
        using (Loading.Enter())
        {
            LoadedModule module = Find(name) ?? throw new ModuleLoadException(ModuleLoadError.Missing, $"module {name} is not loaded");
            List<LoadedModule> holders = HoldersOf(module);
            if (holders.Count > 0)
            {
                throw new ModuleLoadException(ModuleLoadError.InUse, $"{holders[0].Name} needs it");
            }

            StopEntry(module);
            ModuleReaper.Release(module);
        }
    }

    [RequiresLock(nameof(Loading))]
    internal static void Forget(LoadedModule module)
    {
        lock (s_lock)
        {
            s_modules.Remove(module);
        }
    }

    [RequiresLock(nameof(Loading))]
    private static void Load(byte[] file, string parameters, ref string name)
    {
        if (!KernelExports.TryRead(ImageLayout.Exports, out KernelExports exports))
        {
            throw new ModuleLoadException(ModuleLoadError.NotSupported, "this kernel was built as one whole and exports nothing; a loadable kernel is built by: make kernel LOADABLE=1");
        }

        ElfObject elf = ElfObject.Parse(file);
        int section = elf.Find(".modinfo");
        if (section < 0)
        {
            throw ModuleLoadException.Format("it has no .modinfo: it is no module");
        }

        ModuleInformation information = ModuleInformation.Parse(elf.Bytes(elf.Sections[section]));
        name = information.Name;
        CheckVersion(information, exports);
        if (Find(name) is not null || ModuleRegistry.Find(name) is not null)
        {
            throw new ModuleLoadException(ModuleLoadError.Exists, "a module of this name is there");
        }

        List<LoadedModule> needs = FindNeeds(information);
        LoadedModule module = Link(elf, information, needs);
        ModuleLoadException? refusal;
        try
        {
            refusal = StartEntry(module, parameters);
        }
        catch
        {
            Withdraw(module);
            throw;
        }

        if (refusal is not null)
        {
            Withdraw(module);
            throw refusal;
        }

        module.State = LoadedModuleState.Live;
        KernelLog.Info($"{module.Name}: loaded, version {(module.Version.Length > 0 ? module.Version : "unknown")}, {module.Length >> 10} KiB");
    }

    private static void CheckVersion(ModuleInformation information, in KernelExports exports)
    {
        var kernel = new Dictionary<string, string>();
        foreach (string line in System.Text.Encoding.UTF8.GetString(exports.Information).Split('\0'))
        {
            int equals = line.IndexOf('=');
            if (equals > 0)
            {
                kernel.TryAdd(line[..equals], line[(equals + 1)..]);
            }
        }

        foreach (string key in (ReadOnlySpan<string>)["vermagic", "api", "apihash"])
        {
            string own = information.Get(key);
            if (kernel.TryGetValue(key, out string? wanted) && own != wanted)
            {
                throw ModuleLoadException.Format($"its {key} is '{own}', the kernel's is '{wanted}'");
            }
        }
    }

    [RequiresLock(nameof(Loading))]
    private static List<LoadedModule> FindNeeds(ModuleInformation information)
    {
        var needs = new List<LoadedModule>();
        foreach (string needed in information.Depends)
        {
            LoadedModule? module = Find(needed);
            if (module is not null && module.State == LoadedModuleState.Live)
            {
                needs.Add(module);
            }
            else if (ModuleRegistry.Find(needed) is not { IsRunning: true })
            {
                throw new ModuleLoadException(ModuleLoadError.Missing, $"it needs module {needed}, which is not loaded");
            }
        }

        return needs;
    }

    // Binds, relocates, maps. What it made is gone when it throws.
    [RequiresLock(nameof(Loading))]
    private static LoadedModule Link(ElfObject elf, ModuleInformation information, List<LoadedModule> needs)
    {
        ModuleLayout layout = ModuleLayout.Of(elf);
        var places = ModulePlaces.Of(elf, layout);
        var module = new LoadedModule(information, layout.Length, ExportTable.Of(elf, layout), needs);
        module.Memory = ModuleMemory.TryAllocate(layout.Length) ?? throw new ModuleLoadException(ModuleLoadError.NoMemory, "memory ran out");
        bool done = false;
        try
        {
            var missing = new List<string>();
            byte[] image = ModuleLinker.Link(elf, layout, module.Memory.Address, (bool isTypeObject, ulong hash, out ulong address) => TryFind(isTypeObject, hash, needs, out address), missing);
            if (missing.Count > 0)
            {
                throw new ModuleLoadException(ModuleLoadError.Missing, "nobody exports " + string.Join(", ", missing));
            }

            places.Check(image);
            module.Memory.Write(0, image);
            foreach (ModuleRights part in (ReadOnlySpan<ModuleRights>)[ModuleRights.Code, ModuleRights.Constant, ModuleRights.Data])
            {
                if (!module.Memory.TryMap(layout.StartOf(part), layout.LengthOf(part), part))
                {
                    throw new ModuleLoadException(ModuleLoadError.NoMemory, "memory ran out");
                }
            }

            CodeImage code = places.ToImage(module.Memory.Address, image);
            CodeImages.Add(code);
            string problem = "memory ran out";
            try
            {
                module.Image = ModuleRun.Register(code, places.HeaderIn(image), module.Memory.Address + (ulong)places.Entry, out problem);
            }
            finally
            {
                if (module.Image is null)
                {
                    CodeImages.Remove(code);
                }
            }

            if (module.Image is null)
            {
                throw problem == "memory ran out" ? new ModuleLoadException(ModuleLoadError.NoMemory, problem) : ModuleLoadException.Format(problem);
            }

            lock (s_lock)
            {
                s_modules.Add(module);
            }

            done = true;
            return module;
        }
        finally
        {
            if (!done)
            {
                module.Memory.Free();
                module.Memory = null;
            }
        }
    }

    private static bool TryFind(bool isTypeObject, ulong hash, List<LoadedModule> needs, out ulong address)
    {
        bool found = TryFind(hash, needs, out address);
        address = found && isTypeObject ? TypeObjects.Of(address) : address;
        return found;
    }

    private static bool TryFind(ulong hash, List<LoadedModule> needs, out ulong address)
    {
        if (KernelExports.TryRead(ImageLayout.Exports, out KernelExports exports) && exports.TryFind(hash, out address))
        {
            return true;
        }

        foreach (LoadedModule needed in needs)
        {
            if (needed.Exports.TryFind(hash, out int offset) && needed.Memory is { } memory)
            {
                address = memory.Address + (ulong)offset;
                return true;
            }
        }

        address = 0;
        return false;
    }

    // Apart from its caller, whose frame holds nothing of the module then.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    [RequiresLock(nameof(Loading))]
    private static ModuleLoadException? StartEntry(LoadedModule module, string parameters)
    {
        ModuleLoadException? refusal = ModuleRun.Start(module.Image!, parameters, out ModuleEntry? entry);
        module.Entry = entry;
        return refusal;
    }

    // After a failure: nothing of the module may stay.
    [RequiresLock(nameof(Loading))]
    private static void Withdraw(LoadedModule module)
    {
        TakeEntry(module);
        ModuleReaper.Release(module);
    }

    [RequiresLock(nameof(Loading))]
    private static void StopEntry(LoadedModule module)
    {
        if (module.State != LoadedModuleState.Live)
        {
            throw new ModuleLoadException(ModuleLoadError.Busy, "it is being loaded");
        }

        if (TakeEntry(module) is { } use)
        {
            throw new ModuleLoadException(ModuleLoadError.InUse, use);
        }
    }

    // Stops the module and takes it off the registry; says why it cannot be stopped. Apart from its callers, so that none of their frames holds the module's objects.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    [RequiresLock(nameof(Loading))]
    private static string? TakeEntry(LoadedModule module)
    {
        if (module.Entry is not { } entry)
        {
            return null;
        }

        string? use = entry.IsRunning ? ModuleRun.Stop(entry) : null;
        if (use is not null)
        {
            return use;
        }

        ModuleRegistry.Remove(entry);
        module.Entry = null;
        return null;
    }
}
