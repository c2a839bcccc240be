using System.Collections.Generic;
using System.Linq;

namespace CosmosKernel.Tools.Modules;

/// <summary>Refuses an image in which a module could never start: one that it needs is missing or too old, or modules need each other in a circle.</summary>
internal static class DependencyChecker
{
    /// <summary>Checks all modules of an image.</summary>
    public static void Check(IReadOnlyList<ModuleDescription> modules)
    {
        Dictionary<string, ModuleDescription> byName = modules.ToDictionary(module => module.Name);
        foreach (ModuleDescription module in modules)
        {
            foreach (DependencyDescription dependency in module.Dependencies)
            {
                if (!byName.TryGetValue(dependency.Name, out ModuleDescription? needed))
                {
                    throw new ModuleListException($"{module.Place}: module '{module.Name}' depends on '{dependency.Name}', which is not in the list of modules");
                }

                if (dependency.Minimum is { } minimum && needed.Version < minimum)
                {
                    throw new ModuleListException($"{module.Place}: module '{module.Name}' depends on '{dependency.Name}' {minimum} or later, and the list has {needed.Version}");
                }
            }
        }

        var done = new HashSet<string>();
        foreach (ModuleDescription module in modules)
        {
            Walk(module, byName, [], done);
        }
    }

    private static void Walk(ModuleDescription module, Dictionary<string, ModuleDescription> byName, List<string> way, HashSet<string> done)
    {
        if (done.Contains(module.Name))
        {
            return;
        }

        int start = way.IndexOf(module.Name);
        if (start >= 0)
        {
            throw new ModuleListException($"{module.Place}: modules depend on each other in a circle: {string.Join(" -> ", way.Skip(start).Append(module.Name))}");
        }

        way.Add(module.Name);
        foreach (DependencyDescription dependency in module.Dependencies)
        {
            Walk(byName[dependency.Name], byName, way, done);
        }

        way.RemoveAt(way.Count - 1);
        done.Add(module.Name);
    }
}
