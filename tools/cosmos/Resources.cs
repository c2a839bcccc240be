using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Fills static <c>byte[]</c> fields with <c>[ManifestResourceStream(ResourceName = "...")]</c> from embedded resources of their assembly: the class constructor begins with the array, whose bytes become data of the
/// assembly. So the field is set before anything else of the class runs, as with IL2CPU.
/// </summary>
internal sealed class Resources(AssemblySet assemblies, Report report)
{
    /// <summary>How many fields were filled.</summary>
    public int Count { get; private set; }

    /// <summary>Fills all fields of some assemblies.</summary>
    public void Apply(IEnumerable<AssemblyDefinition> own)
    {
        foreach (TypeDefinition type in own.SelectMany(assembly => assembly.MainModule.GetTypes()).ToList())
        {
            int at = 0;
            foreach (FieldDefinition field in type.Fields.ToList())
            {
                if (Attributes.Find(field, Attributes.ManifestResourceStream) is { } attribute && ContentFor(field, attribute) is { } content)
                {
                    Fill(field, content, ref at);
                    assemblies.Change(type.Module.Assembly);
                    Count++;
                }
            }
        }
    }

    private byte[]? ContentFor(FieldDefinition field, CustomAttribute attribute)
    {
        string name = $"{Report.NameOf(field.DeclaringType)}.{field.Name}";
        if (!field.IsStatic || field.FieldType is not ArrayType { Rank: 1, ElementType.MetadataType: MetadataType.Byte } || field.DeclaringType.HasGenericParameters)
        {
            report.Error(field, $"[ManifestResourceStream] of {name}: expected a static byte[] field of a class without type parameters");
            return null;
        }

        string? resource = (string?)Attributes.Get(attribute, "ResourceName") ?? (attribute.HasConstructorArguments ? attribute.ConstructorArguments[0].Value as string : null);
        List<EmbeddedResource> all = [.. field.Module.Resources.OfType<EmbeddedResource>()];
        if (all.FirstOrDefault(one => one.Name == resource) is { } found)
        {
            return found.GetResourceData();
        }

        string there = all.Count == 0 ? "it has none" : "it has " + string.Join(", ", all.Select(one => one.Name));
        report.Error(field, $"[ManifestResourceStream] of {name}: {field.Module.Name} has no embedded resource {resource ?? "without a name"}; {there}");
        return null;
    }

    private static void Fill(FieldDefinition field, byte[] content, ref int at)
    {
        ModuleDefinition module = field.Module;
        MethodDefinition constructor = field.DeclaringType.GetStaticConstructor() ?? AddConstructor(field.DeclaringType);
        ILProcessor il = constructor.Body.GetILProcessor();

        // A value that the source gives it, such as null against a warning, does not count.
        foreach (Instruction store in constructor.Body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Stsfld && ReferenceEquals(instruction.Operand, field)).ToList())
        {
            store.OpCode = OpCodes.Pop;
            store.Operand = null;
        }

        List<Instruction> start = [il.Create(OpCodes.Ldc_I4, content.Length), il.Create(OpCodes.Newarr, module.TypeSystem.Byte)];
        if (content.Length > 0)
        {
            var helpers = new TypeReference("System.Runtime.CompilerServices", "RuntimeHelpers", module, module.TypeSystem.CoreLibrary);
            var handle = new TypeReference("System", "RuntimeFieldHandle", module, module.TypeSystem.CoreLibrary, valueType: true);
            var initialize = new MethodReference("InitializeArray", module.TypeSystem.Void, helpers);
            initialize.Parameters.Add(new ParameterDefinition(new TypeReference("System", "Array", module, module.TypeSystem.CoreLibrary)));
            initialize.Parameters.Add(new ParameterDefinition(handle));
            start.AddRange([il.Create(OpCodes.Dup), il.Create(OpCodes.Ldtoken, AddData(field, content)), il.Create(OpCodes.Call, initialize)]);
        }

        start.Add(il.Create(OpCodes.Stsfld, field));
        foreach (Instruction instruction in start)
        {
            constructor.Body.Instructions.Insert(at++, instruction);
        }
    }

    private static MethodDefinition AddConstructor(TypeDefinition type)
    {
        const MethodAttributes Static = MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName;
        var constructor = new MethodDefinition(".cctor", Static, type.Module.TypeSystem.Void);
        constructor.Body.GetILProcessor().Emit(OpCodes.Ret);
        type.Methods.Add(constructor);
        type.IsBeforeFieldInit = true;
        return constructor;
    }

    // The bytes as a field with an address in the file, of a structure of that size, as compilers make it for array initializers.
    private static FieldDefinition AddData(FieldDefinition field, byte[] content)
    {
        TypeDefinition owner = field.DeclaringType;
        var structure = new TypeDefinition(
            "", $"<{field.Name}>Resource", TypeAttributes.NestedPrivate | TypeAttributes.ExplicitLayout | TypeAttributes.Sealed | TypeAttributes.AnsiClass,
            new TypeReference("System", "ValueType", owner.Module, owner.Module.TypeSystem.CoreLibrary))
        {
            ClassSize = content.Length,
            PackingSize = 1,
        };
        owner.NestedTypes.Add(structure);
        var data = new FieldDefinition($"<{field.Name}>Data", FieldAttributes.Assembly | FieldAttributes.Static | FieldAttributes.InitOnly | FieldAttributes.HasFieldRVA, structure) { InitialValue = content };
        owner.Fields.Add(data);
        return data;
    }
}
