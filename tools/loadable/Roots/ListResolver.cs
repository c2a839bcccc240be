using System;
using System.Collections.Generic;
using Mono.Cecil;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>Finds assemblies in a list of files.</summary>
/// <param name="files">Files by the assembly's simple name.</param>
internal sealed class ListResolver(IReadOnlyDictionary<string, string> files) : IAssemblyResolver
{
    private readonly Dictionary<string, AssemblyDefinition> _read = new(StringComparer.Ordinal);

    /// <summary>The assembly of a simple name.</summary>
    public AssemblyDefinition Resolve(string name)
    {
        if (!_read.TryGetValue(name, out AssemblyDefinition? assembly))
        {
            string file = files.GetValueOrDefault(name) ?? throw new LoadableException($"assembly '{name}' is not among the kernel's");
            assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = this });
            _read.Add(name, assembly);
        }

        return assembly;
    }

    /// <inheritdoc/>
    public AssemblyDefinition Resolve(AssemblyNameReference name) => Resolve(name.Name);

    /// <inheritdoc/>
    public AssemblyDefinition Resolve(AssemblyNameReference name, ReaderParameters parameters) => Resolve(name.Name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AssemblyDefinition assembly in _read.Values)
        {
            assembly.Dispose();
        }
    }
}
