using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CosmosKernel.CoreLibCheck;

/// <summary>Constants, field offsets and structure sizes that an assembly's metadata tells. Types are found by name without namespace; nested ones as Outer/Inner.</summary>
public sealed class AssemblyFacts : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly Dictionary<string, TypeDefinition> _types = [];

    /// <summary>Opens an assembly.</summary>
    /// <exception cref="BadImageFormatException">The file is none.</exception>
    public AssemblyFacts(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            TypeDefinition type = _metadata.GetTypeDefinition(handle);
            _ = _types.TryAdd(NameOf(type), type);
        }
    }

    /// <summary>The value of an integer constant, or null if there is none of the name.</summary>
    public long? Constant(string typeAndName)
    {
        int dot = typeAndName.LastIndexOf('.');
        if (!_types.TryGetValue(typeAndName[..dot], out TypeDefinition type))
        {
            return null;
        }

        foreach (FieldDefinitionHandle handle in type.GetFields())
        {
            FieldDefinition field = _metadata.GetFieldDefinition(handle);
            if (_metadata.GetString(field.Name) == typeAndName[(dot + 1)..] && !field.GetDefaultValue().IsNil)
            {
                Constant constant = _metadata.GetConstant(field.GetDefaultValue());
                return Convert.ToInt64(_metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode), CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    /// <summary>The offset of <c>Type.Field</c>, or the declared size for <c>sizeof(Type)</c>; null if the layout is not explicit or there is none.</summary>
    public long? Layout(string structure)
    {
        if (structure.StartsWith("sizeof(", StringComparison.Ordinal) && structure.EndsWith(')'))
        {
            return _types.TryGetValue(structure[7..^1], out TypeDefinition sized) && sized.GetLayout() is { IsDefault: false } layout ? layout.Size : null;
        }

        int dot = structure.LastIndexOf('.');
        if (dot < 0 || !_types.TryGetValue(structure[..dot], out TypeDefinition type))
        {
            return null;
        }

        foreach (FieldDefinitionHandle handle in type.GetFields())
        {
            FieldDefinition field = _metadata.GetFieldDefinition(handle);
            if (_metadata.GetString(field.Name) == structure[(dot + 1)..])
            {
                return field.GetOffset() >= 0 ? field.GetOffset() : null;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private string NameOf(TypeDefinition type)
    {
        string name = _metadata.GetString(type.Name);
        return type.GetDeclaringType().IsNil ? name : NameOf(_metadata.GetTypeDefinition(type.GetDeclaringType())) + "/" + name;
    }
}
