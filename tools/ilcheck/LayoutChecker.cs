using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Finds fields that share bytes in types with explicit layout.</summary>
internal static class LayoutChecker
{
    private const int ReferenceSize = 8;

    /// <summary>The first two fields that overlap, in words; null when none do. A field of unknown size counts as overlapping what follows it.</summary>
    public static string? FindOverlap(TypeDefinition type)
    {
        List<FieldDefinition> fields = type.Fields.Where(f => !f.IsStatic && f.HasLayoutInfo).OrderBy(f => f.Offset).ToList();
        for (int i = 0; i + 1 < fields.Count; i++)
        {
            int? size = SizeOf(fields[i].FieldType);
            if (size is null || fields[i].Offset + size > fields[i + 1].Offset)
            {
                return size is null
                    ? $"explicit layout: the size of {fields[i].Name} is not known, so it may overlap {fields[i + 1].Name}"
                    : $"explicit layout: {fields[i].Name} (offset {fields[i].Offset}, {size} bytes) overlaps {fields[i + 1].Name} (offset {fields[i + 1].Offset})";
            }
        }

        return null;
    }

    private static int? SizeOf(TypeReference type)
    {
        switch (type.MetadataType)
        {
            case MetadataType.Boolean or MetadataType.Byte or MetadataType.SByte:
                return 1;
            case MetadataType.Char or MetadataType.Int16 or MetadataType.UInt16:
                return 2;
            case MetadataType.Int32 or MetadataType.UInt32 or MetadataType.Single:
                return 4;
            case MetadataType.Int64 or MetadataType.UInt64 or MetadataType.Double or MetadataType.IntPtr or MetadataType.UIntPtr:
                return 8;
            case MetadataType.ValueType:
                return SizeOfStruct(type);
            case MetadataType.GenericInstance or MetadataType.Var or MetadataType.MVar:
                return type.IsValueType || type.IsGenericParameter ? null : ReferenceSize;
            default:
                return ReferenceSize;
        }
    }

    private static int? SizeOfStruct(TypeReference reference)
    {
        TypeDefinition? type;
        try
        {
            type = reference.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }

        if (type is null || type.HasGenericParameters)
        {
            return null;
        }

        if (type.IsEnum)
        {
            return SizeOf(type.Fields.First(f => !f.IsStatic).FieldType);
        }

        int end = 0;
        int alignment = 1;
        foreach (FieldDefinition field in type.Fields.Where(f => !f.IsStatic))
        {
            if (SizeOf(field.FieldType) is not { } size)
            {
                return null;
            }

            int align = Math.Max(1, Math.Min(8, size));
            int start = type.IsExplicitLayout ? field.Offset : (end + align - 1) / align * align;
            end = Math.Max(end, start + size);
            alignment = Math.Max(alignment, align);
        }

        return Math.Max(Math.Max(type.ClassSize, 1), (end + alignment - 1) / alignment * alignment);
    }
}
