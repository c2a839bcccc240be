using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// The assemblies that an image is made of, read when they are asked for, and written when something in them was changed. Folders are searched in their order: what an earlier one has hides the same name in a later one.
/// </summary>
internal sealed class AssemblySet : IAssemblyResolver
{
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AssemblyDefinition> _loaded = new(StringComparer.Ordinal);
    private readonly HashSet<AssemblyDefinition> _changed = [];

    /// <summary>Makes a set.</summary>
    /// <param name="corelib">System.Private.CoreLib as the kernel has it.</param>
    /// <param name="folders">Where assemblies are.</param>
    public AssemblySet(string? corelib, params IEnumerable<string> folders)
    {
        if (corelib is not null)
        {
            _files.Add(Path.GetFileNameWithoutExtension(corelib), corelib);
        }

        foreach (string file in folders.SelectMany(folder => Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal)))
        {
            _files.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }
    }

    /// <summary>Where an assembly was read from.</summary>
    public string FileOf(AssemblyDefinition assembly) => _files[assembly.Name.Name];

    /// <summary>An assembly by name; null if there is none such, or the file of that name is none.</summary>
    public AssemblyDefinition? Find(string name)
    {
        if (_loaded.TryGetValue(name, out AssemblyDefinition? assembly))
        {
            return assembly;
        }

        if (!_files.TryGetValue(name, out string? file))
        {
            return null;
        }

        var parameters = new ReaderParameters(ReadingMode.Deferred)
        {
            AssemblyResolver = this,
            InMemory = true,
            ReadSymbols = true,
            SymbolReaderProvider = new DefaultSymbolReaderProvider(throwIfNoSymbol: false),
        };
        assembly = AssemblyDefinition.ReadAssembly(file, parameters);
        _loaded.Add(name, assembly);
        return assembly;
    }

    /// <summary>A type by its full name, in whatever assembly has it.</summary>
    public TypeDefinition? FindInAll(string type)
    {
        foreach (string name in _files.Keys.ToList())
        {
            try
            {
                if (Find(name)?.MainModule.GetType(type) is { } found)
                {
                    return found;
                }
            }
            catch (BadImageFormatException)
            {
                // A native library among them.
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public AssemblyDefinition Resolve(AssemblyNameReference name) => Find(name.Name) ?? throw new AssemblyResolutionException(name);

    /// <inheritdoc/>
    public AssemblyDefinition Resolve(AssemblyNameReference name, ReaderParameters parameters) => Resolve(name);

    /// <summary>The assembly is to be written.</summary>
    public void Change(AssemblyDefinition assembly) => _changed.Add(assembly);

    /// <summary>Writes what was changed, with its debug information. The same input gives the same bytes.</summary>
    /// <param name="folder">Where to; it is made, and what it had before goes.</param>
    /// <returns>The names that were written, in order.</returns>
    public List<string> Write(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (AssemblyDefinition assembly in _changed)
        {
            // By way of memory: a file's whole path would go into the debug directory, and with it into the module's identity.
            using var image = new MemoryStream();
            using var symbols = new MemoryStream();
            var parameters = new WriterParameters { DeterministicMvid = true };
            if (assembly.MainModule.HasSymbols)
            {
                parameters.WriteSymbols = true;
                parameters.SymbolWriterProvider = new PortablePdbWriterProvider();
                parameters.SymbolStream = symbols;
            }

            assembly.Write(image, parameters);
            string file = Path.Combine(folder, assembly.Name.Name + ".dll");
            File.WriteAllBytes(file, image.ToArray());
            if (symbols.Length > 0)
            {
                File.WriteAllBytes(Path.ChangeExtension(file, ".pdb"), symbols.ToArray());
            }
        }

        return [.. _changed.Select(assembly => assembly.Name.Name).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AssemblyDefinition assembly in _loaded.Values)
        {
            assembly.Dispose();
        }
    }
}
