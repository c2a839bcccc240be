using System;
using System.Collections.Generic;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Modules;

/// <summary>The modules of the image: parameters, start in order of dependency, stop in reverse. Task context.</summary>
public static class ModuleRegistry
{
    private static readonly object s_lock = new();
    private static readonly List<ModuleEntry> s_modules = [];

    /// <summary>All modules of the image, in the order of the image's list.</summary>
    public static IReadOnlyList<ModuleEntry> Modules
    {
        get
        {
            lock (s_lock)
            {
                return [.. s_modules];
            }
        }
    }

    /// <summary>Adds a module, sets its parameters from the boot options, and does not start it yet.</summary>
    public static void Add(ModuleEntry entry)
    {
        lock (s_lock)
        {
            s_modules.Add(entry);
        }

        foreach (ModuleParameter parameter in entry.Parameters)
        {
            string option = entry.About.Name + "." + parameter.Name;
            if (KernelOptions.TryGet(option, out string value) && parameter.Set(value) is string problem)
            {
                KernelLog.Warning($"boot option {option}={value}: {problem}; the default stays");
            }
        }
    }

    /// <summary>Starts every module that does not run yet, each after those that it depends on. A module that fails is logged and the others go on.</summary>
    public static void StartAll()
    {
        foreach (ModuleEntry entry in Modules)
        {
            Start(entry, []);
        }
    }

    /// <summary>Finds a module by name.</summary>
    public static ModuleEntry? Find(string name)
    {
        foreach (ModuleEntry entry in Modules)
        {
            if (entry.About.Name == name)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Stops a running module and releases what it owns.</summary>
    /// <exception cref="InvalidOperationException">It does not run, or a running module depends on it.</exception>
    public static void Stop(ModuleEntry entry)
    {
        ModuleContext context = entry.Context ?? throw new InvalidOperationException($"module '{entry.About.Name}' does not run");
        foreach (ModuleEntry other in Modules)
        {
            if (other.IsRunning && Array.IndexOf(other.About.DependsOn, entry.About.Name) >= 0)
            {
                throw new InvalidOperationException($"module '{entry.About.Name}' is in use by '{other.About.Name}'");
            }
        }

        try
        {
            entry.Module.Stop();
        }
        catch (Exception failure)
        {
            KernelLog.Error($"module {entry.About.Name}: exception while it stopped: {failure}");
        }

        entry.Context = null;
        Release(entry, context);
    }

    /// <summary>Takes a module that does not run off the list; its instance may be collected.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    public static void Remove(ModuleEntry entry)
    {
        if (entry.IsRunning)
        {
            throw new InvalidOperationException($"module '{entry.About.Name}' runs");
        }

        lock (s_lock)
        {
            s_modules.Remove(entry);
        }
    }

    /// <summary>Starts one module and what it depends on. Returns true when it runs.</summary>
    public static bool Start(ModuleEntry entry) => Start(entry, []);

    private static bool Start(ModuleEntry entry, List<ModuleEntry> waiting)
    {
        if (entry.IsRunning)
        {
            return true;
        }

        if (waiting.Contains(entry))
        {
            return Refuse(entry, "its dependencies form a circle");
        }

        waiting.Add(entry);
        foreach (string name in entry.About.DependsOn)
        {
            ModuleEntry? needed = Find(name);
            if (needed is null || !Start(needed, waiting))
            {
                return Refuse(entry, $"it depends on '{name}', which {(needed is null ? "is not in this image" : "does not run")}");
            }
        }

        var context = new ModuleContext(entry.About.Name);
        try
        {
            entry.Module.Start(context);
        }
        catch (Exception failure)
        {
            Release(entry, context);
            return Refuse(entry, failure.ToString());
        }

        entry.Context = context;
        entry.Failure = null;
        return true;
    }

    private static bool Refuse(ModuleEntry entry, string reason)
    {
        entry.Failure = reason;
        KernelLog.Error($"module {entry.About.Name} was not started: {reason}");
        return false;
    }

    private static void Release(ModuleEntry entry, ModuleContext context)
    {
        foreach (Exception failure in context.ReleaseAll())
        {
            KernelLog.Error($"module {entry.About.Name}: exception while its resources were released: {failure}");
        }
    }
}
