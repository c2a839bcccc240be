using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Loading;

namespace CosmosKernel.Processes.KernelModules;

/// <summary>/sys/module (Linux, Documentation/ABI/stable/sysfs-module): the modules that were loaded, and those of the image. Task context.</summary>
internal sealed class ModuleDirectory : SystemDirectory
{
    private readonly SystemFileSystem _system;
    private readonly object _lock = new();

    // Directories of modules that were asked for, so that a module keeps its inode numbers.
    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<string, Known> _known = [];

    public ModuleDirectory(SystemFileSystem system)
        : base(system, system.NextNumber(), 0x16D)
    {
        _system = system;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = Directory(Encoding.UTF8.GetString(name));
        return inode is null ? Errno.ENOENT : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        List<string> names = Names();
        while (position < names.Count)
        {
            string name = names[(int)position++];
            if (Directory(name) is { } directory)
            {
                entry = new SystemEntry(Encoding.UTF8.GetBytes(name), directory.Number, directory.Mode);
                return true;
            }
        }

        entry = default;
        return false;
    }

    [MightSleep]
    private static List<string> Names()
    {
        var names = new List<string>();
        foreach (LoadedModule module in ModuleLoader.Modules)
        {
            if (module.State != LoadedModuleState.Going)
            {
                names.Add(module.Name);
            }
        }

        foreach (ModuleEntry module in ModuleRegistry.Modules)
        {
            if (ModuleLoader.Find(module.Name) is null)
            {
                names.Add(module.Name);
            }
        }

        return names;
    }

    [MightSleep]
    private FixedDirectory? Directory(string name)
    {
        LoadedModule? module = ModuleLoader.Find(name);
        ModuleEntry? entry = module is null ? ModuleRegistry.Find(name) : null;
        object? subject = (object?)module ?? entry;
        lock (_lock)
        {
            if (subject is null)
            {
                _known.Remove(name);
                return null;
            }

            // A weak reference: a directory that somebody looked at must not keep a module's objects.
            if (_known.TryGetValue(name, out Known known) && known.Subject.TryGetTarget(out object? before) && before == subject)
            {
                return known.Directory;
            }

            var directory = new FixedDirectory(_system);
            if (module is not null)
            {
                BuildLoaded(directory, name);
            }
            else if (entry is not null)
            {
                BuildBuiltIn(directory, entry);
            }

            if (module is not null && module.State != LoadedModuleState.Live)
            {
                // Still being loaded: its parameters are not known yet.
                return directory;
            }

            _known[name] = new Known(new WeakReference<object>(subject), directory);
            return directory;
        }
    }

    // By name: the file system must not refer to what a module made.
    [MightSleep]
    private static void BuildLoaded(FixedDirectory directory, string name)
    {
        Add(directory, "coresize", name, static module => Text(module.Length));
        Add(directory, "initsize", name, static _ => "0");
        Add(directory, "initstate", name, static module => module.State switch
        {
            LoadedModuleState.Coming => "coming",
            LoadedModuleState.Live => "live",
            _ => "going",
        });
        Add(directory, "refcnt", name, static module => Text(ModuleReport.UsesOf(module, ModuleLoader.HoldersOf(module))));
        Add(directory, "taint", name, static _ => "");
        Add(directory, "version", name, static module => module.Version);
        Add(directory, "srcversion", name, static module => module.SourceVersion);
        FixedDirectory holders = directory.AddDirectory("holders");
        if (ModuleLoader.Find(name) is { } loaded)
        {
            foreach (LoadedModule holder in ModuleLoader.HoldersOf(loaded))
            {
                holders.AddLink(holder.Name, "../../" + holder.Name);
            }

            if (loaded.Entry is { Parameters.Count: > 0 } entry)
            {
                BuildParameters(directory.AddDirectory("parameters"), name, entry);
            }
        }
    }

    [MightSleep]
    private static void BuildBuiltIn(FixedDirectory directory, ModuleEntry entry)
    {
        string version = new(entry.About.Version.AsSpan());
        directory.Add("version", to => to.Add(version).Line());
        if (entry.Parameters.Count > 0)
        {
            BuildParameters(directory.AddDirectory("parameters"), entry.Name, entry);
        }
    }

    [MightSleep]
    private static void BuildParameters(FixedDirectory directory, string module, ModuleEntry entry)
    {
        foreach (ModuleParameter declared in entry.Parameters)
        {
            // A copy: the string may lie in the module.
            string name = new(declared.Name.AsSpan());
            void Show(TextBuilder to)
            {
                if (Parameter(module, name) is { } parameter)
                {
                    to.Add(parameter.Get()).Line();
                }
            }

            if (declared.IsWritable)
            {
                directory.Add(name, Show, text => Parameter(module, name) is { } parameter && parameter.Set(Encoding.UTF8.GetString(text.TrimEnd("\n\0"u8))) is null ? Errno.Ok : Errno.EINVAL);
            }
            else
            {
                directory.Add(name, Show);
            }
        }
    }

    [MightSleep]
    private static ModuleParameter? Parameter(string module, string name)
    {
        ModuleEntry? entry = ModuleLoader.Find(module)?.Entry ?? ModuleRegistry.Find(module);
        foreach (ModuleParameter parameter in entry?.Parameters ?? [])
        {
            if (parameter.Name == name)
            {
                return parameter;
            }
        }

        return null;
    }

    private static void Add(FixedDirectory directory, string file, string module, Func<LoadedModule, string> text) => directory.Add(file, to =>
    {
        if (ModuleLoader.Find(module) is { } loaded)
        {
            to.Add(text(loaded)).Line();
        }
    });

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private readonly record struct Known(WeakReference<object> Subject, FixedDirectory Directory);
}
