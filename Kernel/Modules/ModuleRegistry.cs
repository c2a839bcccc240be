using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules;

/// <summary>The modules of the image: parameters, start in order of dependency, stop in reverse. Task context; not from inside of a module's own start or stop.</summary>
public static class ModuleRegistry
{
    // One start or stop at a time: both look at other modules' states. A module's Start and Stop run under it, so they must not start or stop modules themselves.
    internal static readonly Mutex Lifecycle = new("modules");

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly List<ModuleEntry> s_modules = [];

    /// <summary>All modules of the image, in the order of the image's list.</summary>
    [MightSleep]
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
    [MightSleep]
    public static void Add(ModuleEntry entry)
    {
        lock (s_lock)
        {
            s_modules.Add(entry);
        }

        foreach (ModuleParameter parameter in entry.Parameters)
        {
            string option = entry.Name + "." + parameter.Name;
            if (KernelOptions.TryGet(option, out string value) && parameter.Set(value) is string problem)
            {
                KernelLog.Warning($"boot option {option}={value}: {problem}; the default stays");
            }
        }
    }

    /// <summary>Starts every module that does not run yet, each after those that it depends on. A module that fails is logged and the others go on.</summary>
    [MightSleep]
    public static void StartAll()
    {
        using (Lifecycle.Enter())
        {
            foreach (ModuleEntry entry in Modules)
            {
                Start(entry, []);
            }
        }
    }

    /// <summary>Finds a module by name.</summary>
    [MightSleep]
    public static ModuleEntry? Find(string name)
    {
        foreach (ModuleEntry entry in Modules)
        {
            if (entry.Name == name)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Stops a running module and releases what it owns.</summary>
    /// <exception cref="InvalidOperationException">It does not run, or somebody uses it: nothing has changed then, and the message says who.</exception>
    [MightSleep]
    public static void Stop(ModuleEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        using (Lifecycle.Enter())
        {
            ModuleContext context = entry.Context ?? throw new InvalidOperationException($"module '{entry.Name}' does not run");
            if (entry.PinnedBy is { } reason)
            {
                throw new InvalidOperationException($"module '{entry.Name}' cannot be stopped: {reason}");
            }

            // From here on nobody can begin to use it: who comes now is refused as if it were gone already.
            if (!context.TryRetire())
            {
                throw new InvalidOperationException($"module '{entry.Name}' is in use by {UsersOf(entry)}");
            }

            KernelNotifiers.ModuleChanges.Call(new ModuleChange(entry, ModuleState.Going));
            try
            {
                entry.Module.Stop();
            }
            catch (Exception failure)
            {
                ModuleFaults.Report(entry, "Stop", failure);
            }

            entry.Context = null;
            Release(entry, context);
            KernelNotifiers.ModuleChanges.Call(new ModuleChange(entry, ModuleState.Gone));
        }
    }

    /// <summary>Takes a module that does not run off the list; its instance may be collected.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    [MightSleep]
    public static void Remove(ModuleEntry entry)
    {
        using (Lifecycle.Enter())
        {
            if (entry.IsRunning)
            {
                throw new InvalidOperationException($"module '{entry.Name}' runs");
            }

            lock (s_lock)
            {
                s_modules.Remove(entry);
            }
        }
    }

    /// <summary>Starts one module and what it depends on. Returns true when it runs.</summary>
    [MightSleep]
    public static bool Start(ModuleEntry entry)
    {
        using (Lifecycle.Enter())
        {
            return Start(entry, []);
        }
    }

    [RequiresLock(nameof(Lifecycle))]
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
        foreach (ModuleDependency dependency in entry.Dependencies)
        {
            if (WhyNot(dependency, waiting, out ModuleContext? needed) is { } reason)
            {
                PutHeld(entry);
                return Refuse(entry, $"it depends on '{dependency.Name}', which {reason}");
            }

            entry.Held.Add(needed!);
        }

        var context = new ModuleContext(entry);
        entry.Owner = context;
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
        context.GoLive();
        KernelNotifiers.ModuleChanges.Call(new ModuleChange(entry, ModuleState.Live));
        return true;
    }

    // Null when the dependency runs and is held for the caller.
    [RequiresLock(nameof(Lifecycle))]
    [MightSleep]
    private static string? WhyNot(ModuleDependency dependency, List<ModuleEntry> waiting, out ModuleContext? needed)
    {
        needed = null;
        ModuleEntry? found = Find(dependency.Name);
        if (found is null)
        {
            return "is not in this image";
        }

        if (dependency.Minimum is { } minimum && found.Version < minimum)
        {
            return $"has version {found.Version}, and {minimum} or a later one is needed";
        }

        if (!Start(found, waiting))
        {
            return "does not run";
        }

        needed = found.Context;
        return needed!.TryGet() ? null : "does not run";
    }

    [RequiresLock(nameof(Lifecycle))]
    private static void PutHeld(ModuleEntry entry)
    {
        foreach (ModuleContext held in entry.Held)
        {
            held.Put();
        }

        entry.Held.Clear();
    }

    [RequiresLock(nameof(Lifecycle))]
    [MightSleep]
    private static string UsersOf(ModuleEntry entry)
    {
        List<string> users = [];
        foreach (ModuleEntry other in Modules)
        {
            if (other.IsRunning && other.Held.Exists(held => held.Module == entry))
            {
                users.Add($"module '{other.Name}'");
            }
        }

        int others = entry.Uses - users.Count;
        if (others > 0 || users.Count == 0)
        {
            users.Add($"whoever holds something of it open ({Math.Max(others, 1)})");
        }

        return string.Join(", ", users);
    }

    [RequiresLock(nameof(Lifecycle))]
    private static bool Refuse(ModuleEntry entry, string reason)
    {
        entry.Failure = reason;
        KernelLog.Error($"module {entry.Name} was not started: {reason}");
        return false;
    }

    [RequiresLock(nameof(Lifecycle))]
    [MightSleep]
    private static void Release(ModuleEntry entry, ModuleContext context)
    {
        foreach (Exception failure in context.ReleaseAll())
        {
            ModuleFaults.Report(entry, "the release of what it owned", failure);
        }

        // What it has given to RCU runs before the stop is over.
        Rcu.Barrier();
        entry.Owner = null;
        PutHeld(entry);
    }
}
