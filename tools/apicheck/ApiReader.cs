using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Mono.Cecil;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>Writes the public surface of assemblies, one line a member: what code outside of them can name.</summary>
internal static class ApiReader
{
    /// <summary>All lines of some assemblies, sorted.</summary>
    public static SortedSet<string> Read(IEnumerable<string> files, ApiScope scope)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
            foreach (TypeDefinition type in assembly.MainModule.GetTypes().Where(type => IsVisible(type) && scope.Contains(type)))
            {
                if (scope.HasOnlyNameOf(type))
                {
                    lines.Add($"{NameOf(type)} : {KindOf(type)}, of which only the name is for modules");
                }
                else
                {
                    Add(lines, type);
                }
            }
        }

        return lines;
    }

    private static void Add(SortedSet<string> lines, TypeDefinition type)
    {
        string name = NameOf(type);
        lines.Add($"{name} : {KindOf(type)}{BasesOf(type)}");
        foreach (FieldDefinition field in type.Fields.Where(field => IsVisible(field.Attributes, type) && !field.IsSpecialName))
        {
            string value = field.HasConstant ? $" = {Convert.ToString(field.Constant, CultureInfo.InvariantCulture)}" : "";
            lines.Add($"{name}.{field.Name} : {(field.HasConstant ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeName(field.FieldType)}{value}");
        }

        foreach (MethodDefinition method in type.Methods.Where(method => IsVisible(method, type)))
        {
            lines.Add($"{name}.{Signature(method)}");
        }
    }

    private static string Signature(MethodDefinition method)
    {
        var text = new StringBuilder();
        text.Append(method.IsConstructor ? "new" : method.Name);
        if (method.HasGenericParameters)
        {
            text.Append('<').AppendJoin(", ", method.GenericParameters.Select(Parameter)).Append('>');
        }

        text.Append('(').AppendJoin(", ", method.Parameters.Select(Parameter)).Append(')');
        if (!method.IsConstructor)
        {
            text.Append(" : ").Append(method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal && !method.DeclaringType.IsSealed ? "virtual " : "")
                .Append(method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "").Append(TypeName(method.ReturnType));
        }

        return text.ToString();
    }

    private static string Parameter(ParameterDefinition parameter)
    {
        // A virtual method's in parameter has a modifier around its type.
        TypeReference type = parameter.ParameterType is RequiredModifierType required ? required.ElementType : parameter.ParameterType;
        string by = type is ByReferenceType ? parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref " : "";
        type = type is ByReferenceType reference ? reference.ElementType : type;
        string otherwise = parameter.HasConstant ? $" = {Convert.ToString(parameter.Constant ?? "null", CultureInfo.InvariantCulture)}" : "";
        return $"{by}{TypeName(type)} {parameter.Name}{otherwise}";
    }

    private static string Parameter(GenericParameter parameter)
    {
        string constraints = string.Join(" & ", parameter.Constraints.Select(constraint => TypeName(constraint.ConstraintType)));
        return constraints.Length > 0 ? $"{parameter.Name} : {constraints}" : parameter.Name;
    }

    private static string KindOf(TypeDefinition type)
    {
        string kind = type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : "class";
        string how = type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract && !type.IsInterface ? "abstract " : type.IsSealed && !type.IsValueType ? "sealed " : "";
        bool isByReference = type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "IsByRefLikeAttribute");
        return how + (isByReference ? "ref " : "") + kind;
    }

    private static string BasesOf(TypeDefinition type)
    {
        IEnumerable<string> bases = type.Interfaces.Select(implementation => TypeName(implementation.InterfaceType)).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent.FullName is not ("System.Object" or "System.ValueType" or "System.Enum"))
        {
            bases = bases.Prepend(TypeName(parent));
        }

        string text = string.Join(", ", bases);
        return text.Length > 0 ? " : " + text : "";
    }

    internal static bool IsVisible(TypeDefinition type) =>
        type.IsNested
            ? IsVisible(type.DeclaringType) && (type.IsNestedPublic || ((type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && !type.DeclaringType.IsSealed))
            : type.IsPublic;

    internal static bool IsVisible(FieldAttributes attributes, TypeDefinition type) => (attributes & FieldAttributes.FieldAccessMask) switch
    {
        FieldAttributes.Public => true,
        FieldAttributes.Family or FieldAttributes.FamORAssem => !type.IsSealed,
        _ => false,
    };

    // Class constructors, and what implements an interface without being named, are nobody's to call.
    internal static bool IsVisible(MethodDefinition method, TypeDefinition type) =>
        !(method.IsConstructor && method.IsStatic) && (method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !type.IsSealed));

    private static string NameOf(TypeDefinition type)
    {
        string name = type.IsNested ? $"{NameOf(type.DeclaringType)}.{Plain(type.Name)}" : type.Namespace.Length > 0 ? $"{type.Namespace}.{Plain(type.Name)}" : Plain(type.Name);
        int outer = type.DeclaringType?.GenericParameters.Count ?? 0;
        return type.GenericParameters.Count > outer ? $"{name}<{string.Join(", ", type.GenericParameters.Skip(outer).Select(Parameter))}>" : name;
    }

    private static string TypeName(TypeReference type) => type switch
    {
        RequiredModifierType required => TypeName(required.ElementType),
        OptionalModifierType optional => TypeName(optional.ElementType),
        ByReferenceType reference => "ref " + TypeName(reference.ElementType),
        ArrayType array => TypeName(array.ElementType) + "[]",
        GenericInstanceType instance => $"{Plain(instance.ElementType.FullName.Replace('/', '.'))}<{string.Join(", ", instance.GenericArguments.Select(TypeName))}>",
        GenericParameter parameter => parameter.Name,
        _ => Plain(type.FullName.Replace('/', '.')),
    };

    // System.Span`1 is Span.
    private static string Plain(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == '`')
            {
                while (i + 1 < name.Length && char.IsAsciiDigit(name[i + 1]))
                {
                    i++;
                }
            }
            else
            {
                text.Append(name[i]);
            }
        }

        return text.ToString();
    }
}
