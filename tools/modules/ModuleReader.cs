using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Modules;

/// <summary>A parameter of a module: the property, and the limits of its attribute.</summary>
internal sealed record ParameterDescription(string Property, string Type, string Description, long Minimum, long Maximum);

/// <summary>An in-kernel test: its name and its method.</summary>
internal sealed record TestDescription(string Name, string Method);

/// <summary>What the image must know of a module.</summary>
internal sealed record ModuleDescription(
    string TypeName,
    string Name,
    IReadOnlyDictionary<string, string> About,
    IReadOnlyList<string> DependsOn,
    IReadOnlyList<ParameterDescription> Parameters,
    IReadOnlyList<TestDescription> Tests);

/// <summary>Finds the module class of an assembly, its parameters and its tests, and refuses what the kernel could not run.</summary>
internal static class ModuleReader
{
    private const string Prefix = "CosmosKernel.Modules.";

    private static readonly HashSet<string> s_parameterTypes = ["System.Boolean", "System.Int32", "System.Int64", "System.String"];

    /// <summary>Reads an assembly.</summary>
    public static ModuleDescription Read(string file)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
        List<TypeDefinition> found = [.. assembly.MainModule.GetTypes().Where(type => Find(type, Prefix + "ModuleAttribute") is not null)];
        if (found.Count != 1)
        {
            throw new ModuleListException($"{file}: expected one class with [Module], found {found.Count}");
        }

        TypeDefinition module = found[0];
        string where = $"{file}: {module.FullName}";
        bool constructible = module.Methods.Any(m => m.IsConstructor && !m.IsStatic && m.IsPublic && m.Parameters.Count == 0);
        if (!module.IsPublic || module.IsAbstract || !constructible || module.BaseType?.FullName != Prefix + "KernelModule")
        {
            throw new ModuleListException($"{where}: expected a public class that derives from KernelModule and has a public constructor without parameters");
        }

        CustomAttribute about = Find(module, Prefix + "ModuleAttribute")!;
        string name = (string)about.ConstructorArguments[0].Value;
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
        {
            throw new ModuleListException($"{where}: expected a name of lower-case letters, digits, '-' and '_', found '{name}'");
        }

        var texts = about.Properties.Where(p => p.Argument.Value is string).ToDictionary(p => p.Name, p => (string)p.Argument.Value);
        var depends = about.Properties.Where(p => p.Name == "DependsOn").SelectMany(p => (CustomAttributeArgument[])p.Argument.Value).Select(a => (string)a.Value);
        return new ModuleDescription(TypeNameOf(module), name, texts, [.. depends], [.. Parameters(module, where)], [.. Tests(module, where)]);
    }

    private static IEnumerable<ParameterDescription> Parameters(TypeDefinition module, string where)
    {
        foreach (PropertyDefinition property in module.Properties)
        {
            if (Find(property, Prefix + "ModuleParameterAttribute") is not CustomAttribute attribute)
            {
                continue;
            }

            if (property.SetMethod is not { IsPublic: true, IsStatic: false } || !s_parameterTypes.Contains(property.PropertyType.FullName))
            {
                throw new ModuleListException($"{where}.{property.Name}: a parameter is a public property with a setter, of type bool, int, long or string");
            }

            bool isInt = property.PropertyType.FullName == "System.Int32";
            long minimum = Number(attribute, "Minimum", isInt ? int.MinValue : long.MinValue);
            long maximum = Number(attribute, "Maximum", isInt ? int.MaxValue : long.MaxValue);
            yield return new ParameterDescription(property.Name, property.PropertyType.FullName, (string)attribute.ConstructorArguments[0].Value, minimum, maximum);
        }
    }

    private static IEnumerable<TestDescription> Tests(TypeDefinition module, string where)
    {
        foreach (TypeDefinition type in module.Module.GetTypes())
        {
            foreach (MethodDefinition method in type.Methods)
            {
                if (Find(method, Prefix + "Testing.KernelTestAttribute") is not CustomAttribute attribute)
                {
                    continue;
                }

                bool usable = method.IsPublic && method.Parameters.Count == 0 && method.ReturnType.FullName == "System.Void" && !method.HasGenericParameters
                    && (type == module || (method.IsStatic && (type.IsPublic || type.IsNestedPublic)));
                if (!usable)
                {
                    throw new ModuleListException($"{where}: {type.FullName}.{method.Name}: a test is a public method without parameters and result, static or of the module's class");
                }

                string target = method.IsStatic ? "global::" + TypeNameOf(type) : "module";
                yield return new TestDescription((string)attribute.ConstructorArguments[0].Value, $"{target}.{method.Name}");
            }
        }
    }

    private static long Number(CustomAttribute attribute, string name, long otherwise)
    {
        foreach (CustomAttributeNamedArgument property in attribute.Properties)
        {
            if (property.Name == name)
            {
                return Convert.ToInt64(property.Argument.Value, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return otherwise;
    }

    private static CustomAttribute? Find(ICustomAttributeProvider provider, string attribute) =>
        provider.CustomAttributes.FirstOrDefault(a => a.AttributeType.FullName == attribute);

    private static string TypeNameOf(TypeDefinition type) => type.FullName.Replace('/', '.');
}
