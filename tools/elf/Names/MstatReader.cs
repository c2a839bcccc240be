using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;

namespace CosmosKernel.Tools.Elf.Names;

/// <summary>
/// Reads the size statistics that ILC writes with <c>--mstat:FILE</c>. They are a metadata file that pairs each compiled method and type, as a
/// metadata token, with the mangled name that it has in the object: the only exact way back from symbols to methods, generic arguments included.
/// </summary>
/// <remarks>
/// Version 2 of the format: the global methods <c>Methods</c> and <c>Types</c> hold, for each entry, <c>ldtoken</c> and a few
/// integer constants, the last of which is the offset of the mangled name in the section <c>.names</c>.
/// </remarks>
public static class MstatReader
{
    /// <summary>Adds the methods and types of the file to two maps keyed by mangled name.</summary>
    /// <exception cref="InvalidDataException">The file is not size statistics of a version that has names.</exception>
    public static void Read(string path, Dictionary<string, MethodName> methods, Dictionary<string, string> types)
    {
        using FileStream stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        MetadataReader reader = image.GetMetadataReader();
        PEMemoryBlock names = image.GetSectionData(".names");
        if (names.Length == 0)
        {
            throw new InvalidDataException($"{path}: no section .names: these size statistics are older than version 2");
        }

        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            string name = reader.GetString(method.Name);
            if (name is not ("Methods" or "Types") || method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            MethodBodyBlock body = image.GetMethodBody(method.RelativeVirtualAddress);
            foreach ((EntityHandle entity, List<int> constants) in Entries(body.GetILReader(), path))
            {
                string mangled = NameAt(names, constants[^1], path);
                if (name == "Methods")
                {
                    MethodName readable = MethodNameOf(reader, entity);
                    methods[mangled] = readable;
                    AddDeclaringType(mangled, readable.Type, types);
                }
                else
                {
                    types[MangledTypeOf(mangled)] = SignatureNames.Instance.GetType(reader, entity);
                }
            }
        }
    }

    /// <summary>Bytes of collector information that ILC made for each method, by mangled name.</summary>
    /// <exception cref="InvalidDataException">The file is not size statistics of a version that has names.</exception>
    public static Dictionary<string, int> ReadCollectorInformation(string path)
    {
        const int CollectorConstant = 1;
        using FileStream stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        MetadataReader reader = image.GetMetadataReader();
        PEMemoryBlock names = image.GetSectionData(".names");
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            if (reader.GetString(method.Name) != "Methods" || method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            foreach ((_, List<int> constants) in Entries(image.GetMethodBody(method.RelativeVirtualAddress).GetILReader(), path))
            {
                sizes[NameAt(names, constants[^1], path)] = constants.Count > CollectorConstant + 1
                    ? constants[CollectorConstant]
                    : throw new InvalidDataException($"{path}: the size statistics of methods have {constants.Count} numbers; this version is not known");
            }
        }

        return sizes;
    }

    // Static classes have no type entry of their own, but helpers are named after them: take their mangled name from their methods'.
    private static void AddDeclaringType(string mangledMethod, string type, Dictionary<string, string> types)
    {
        var pattern = new StringBuilder(type.Length + 2);
        foreach (char c in type)
        {
            pattern.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        int start = mangledMethod.IndexOf(pattern.Append("__").ToString(), StringComparison.Ordinal);
        if (start >= 0 && type.Length != 0)
        {
            types.TryAdd(mangledMethod[..(start + type.Length)], type);
        }
    }

    private static List<(EntityHandle Entity, List<int> Constants)> Entries(BlobReader code, string path)
    {
        var result = new List<(EntityHandle, List<int>)>();
        List<int> constants = [];
        while (code.RemainingBytes > 0)
        {
            byte opcode = code.ReadByte();
            switch (opcode)
            {
                case (byte)ILOpCode.Ldtoken:
                    constants = [];
                    result.Add((MetadataTokens.EntityHandle(code.ReadInt32()), constants));
                    break;
                case (byte)ILOpCode.Ldc_i4:
                    constants.Add(code.ReadInt32());
                    break;
                case (byte)ILOpCode.Ldc_i4_s:
                    constants.Add(code.ReadSByte());
                    break;
                case >= (byte)ILOpCode.Ldc_i4_m1 and <= (byte)ILOpCode.Ldc_i4_8:
                    constants.Add(opcode - (byte)ILOpCode.Ldc_i4_0);
                    break;
                case (byte)ILOpCode.Nop or (byte)ILOpCode.Ret:
                    break;
                default:
                    throw new InvalidDataException($"{path}: unexpected instruction 0x{opcode:x2} at offset {code.Offset - 1} of the size statistics");
            }
        }

        return result.TrueForAll(static e => e.Item2.Count != 0) ? result : throw new InvalidDataException($"{path}: an entry of the size statistics has no name");
    }

    private static string NameAt(PEMemoryBlock names, int offset, string path)
    {
        if ((uint)offset >= (uint)names.Length)
        {
            throw new InvalidDataException($"{path}: name offset {offset} lies outside the names of {names.Length} bytes");
        }

        return names.GetReader(offset, names.Length - offset).ReadSerializedString() ?? string.Empty;
    }

    private static MethodName MethodNameOf(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition definition = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                return new MethodName(
                    SignatureNames.Instance.GetTypeFromDefinition(reader, definition.GetDeclaringType(), 0),
                    reader.GetString(definition.Name));
            case HandleKind.MemberReference:
                MemberReference member = reader.GetMemberReference((MemberReferenceHandle)handle);
                return new MethodName(SignatureNames.Instance.GetType(reader, member.Parent), reader.GetString(member.Name));
            case HandleKind.MethodSpecification:
                MethodSpecification specification = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                MethodName generic = MethodNameOf(reader, specification.Method);
                ImmutableArray<string> arguments = specification.DecodeSignature(SignatureNames.Instance, null);
                return generic with { Method = $"{generic.Method}<{string.Join(", ", arguments)}>" };
            default:
                return new MethodName(string.Empty, $"token {MetadataTokens.GetToken(handle):x8}");
        }
    }

    // A type's entry is the symbol of its MethodTable (_ZTV, the length of the mangled name, the mangled name), and says so if it can be allocated.
    private static string MangledTypeOf(string entry)
    {
        const string Prefix = "_ZTV";
        const string Constructed = " constructed";
        string name = entry.EndsWith(Constructed, StringComparison.Ordinal) ? entry[..^Constructed.Length] : entry;
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..].TrimStart("0123456789".ToCharArray()) : name;
    }
}
