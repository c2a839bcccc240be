using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>Whether the API names only itself: a member that takes, gives or derives from a type that modules cannot use is no member for them, though it looks like one.</summary>
internal static class ApiClosure
{
    /// <summary>Each type of the kernel that the API names and does not have, with the first member that names it.</summary>
    /// <param name="files">The API's assemblies.</param>
    /// <param name="scope">What is the API.</param>
    public static List<string> Find(IEnumerable<string> files, ApiScope scope)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
            foreach (TypeDefinition type in assembly.MainModule.GetTypes().Where(type => ApiReader.IsVisible(type) && scope.Contains(type) && !scope.HasOnlyNameOf(type)))
            {
                foreach ((string member, TypeReference named) in Names(type))
                {
                    TypeReference element = named.GetElementType();
                    if (element.Namespace.StartsWith("CosmosKernel", StringComparison.Ordinal) || element.DeclaringType is not null)
                    {
                        Add(element, member);
                    }
                }
            }
        }

        return [.. found.Select(pair => $"{pair.Value} names {pair.Key}, which is not part of the module API: the scope needs '{pair.Key}', or 'name {pair.Key}' when modules do nothing with it")];

        void Add(TypeReference type, string member)
        {
            TypeReference top = type;
            while (top.DeclaringType is { } outer)
            {
                top = outer;
            }

            if (top.Namespace.StartsWith("CosmosKernel", StringComparison.Ordinal) && !scope.Contains(top))
            {
                found.TryAdd(top.FullName, member);
            }
        }
    }

    private static IEnumerable<(string Member, TypeReference Type)> Names(TypeDefinition type)
    {
        string name = type.FullName.Replace('/', '.');
        IEnumerable<TypeReference> bases = type.Interfaces.Select(implementation => implementation.InterfaceType);
        foreach (TypeReference named in (type.BaseType is { } parent ? bases.Prepend(parent) : bases).SelectMany(Parts))
        {
            yield return (name, named);
        }

        foreach (FieldDefinition field in type.Fields.Where(field => ApiReader.IsVisible(field.Attributes, type)))
        {
            foreach (TypeReference named in Parts(field.FieldType))
            {
                yield return ($"{name}.{field.Name}", named);
            }
        }

        foreach (MethodDefinition method in type.Methods.Where(method => ApiReader.IsVisible(method, type)))
        {
            foreach (TypeReference named in method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType).SelectMany(Parts))
            {
                yield return ($"{name}.{method.Name}", named);
            }
        }
    }

    // A type without what is around it, and its arguments.
    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericParameter or FunctionPointerType => [],
        GenericInstanceType instance => instance.GenericArguments.SelectMany(Parts).Prepend(instance.ElementType),
        TypeSpecification around => Parts(around.ElementType),
        _ => [type],
    };
}
