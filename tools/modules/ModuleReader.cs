using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Modules;

/// <summary>Finds the module class of an assembly, its parameters and its tests, and refuses what the kernel could not run.</summary>
internal static class ModuleReader
{
    private const string Prefix = "CosmosKernel.Modules.";

    /// <summary>Reads an assembly.</summary>
    public static ModuleDescription Read(string file)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { ReadSymbols = File.Exists(Path.ChangeExtension(file, ".pdb")) });
        List<TypeDefinition> found = [.. assembly.MainModule.GetTypes().Where(type => Find(type, Prefix + "ModuleAttribute") is not null)];
        if (found.Count != 1)
        {
            string places = string.Concat(found.Select(type => $"\n  {SourcePlace.Of(type, file)}: {type.FullName}"));
            throw new ModuleListException($"{file}: expected one class with [Module], found {found.Count}{places}");
        }

        TypeDefinition module = found[0];
        string where = $"{SourcePlace.Of(module, file)}: {module.FullName}";
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
        if (texts.TryGetValue("Version", out string? version) && ParseVersion(version) is null)
        {
            throw new ModuleListException($"{where}: expected a version of one to three numbers, found '{version}'");
        }

        foreach ((string property, string text) in texts)
        {
            if (text.AsSpan().ContainsAny("\r\n\0"))
            {
                throw new ModuleListException($"{where}: {property} is one line of text");
            }
        }

        string[] depends = [.. about.Properties.Where(p => p.Name == "DependsOn").SelectMany(p => (CustomAttributeArgument[])p.Argument.Value).Select(a => (string)a.Value)];
        return new ModuleDescription(TypeNameOf(module), name, texts, depends, [.. ParameterReader.Read(module, file)], [.. Tests(module, file)])
        {
            Place = where,
            Version = ParseVersion(texts.GetValueOrDefault("Version", "1.0.0"))!,
            Dependencies = [.. depends.Select(text => Dependency(text, where))],
            Aliases = [.. DeviceAliases.Read(module, where)],
            Namespaces = [.. module.Module.GetTypes().Select(type => type.Namespace).Where(text => text.Length > 0 && !IsOfCompiler(text)).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>A version of one to three numbers as System.Version with three; null when it is none.</summary>
    public static Version? ParseVersion(string text)
    {
        string[] parts = text.Split('.');
        bool isVersion = parts.Length is >= 1 and <= 3 && parts.All(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit));
        return isVersion ? new Version($"{parts[0]}.{(parts.Length > 1 ? parts[1] : "0")}.{(parts.Length > 2 ? parts[2] : "0")}") : null;
    }

    private static DependencyDescription Dependency(string text, string where)
    {
        string[] parts = text.Split(">=", 2, StringSplitOptions.TrimEntries);
        Version? minimum = parts.Length > 1 ? ParseVersion(parts[1]) : null;
        if (parts[0].Length == 0 || parts[0].Contains(' ') || (parts.Length > 1 && minimum is null))
        {
            throw new ModuleListException($"{where}: expected 'NAME' or 'NAME >= VERSION' in DependsOn, found '{text}'");
        }

        return new DependencyDescription(parts[0], minimum);
    }

    // What the compiler puts into each assembly.
    private static bool IsOfCompiler(string name) => name is "System" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static IEnumerable<TestDescription> Tests(TypeDefinition module, string file)
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
                    throw new ModuleListException($"{SourcePlace.Of(method, file)}: {type.FullName}.{method.Name}: a test is a public method without parameters and result, static or of the module's class");
                }

                string target = method.IsStatic ? "global::" + TypeNameOf(type) : "module";
                yield return new TestDescription((string)attribute.ConstructorArguments[0].Value, $"{target}.{method.Name}");
            }
        }
    }

    internal static CustomAttribute? Find(ICustomAttributeProvider provider, string attribute) =>
        provider.CustomAttributes.FirstOrDefault(a => a.AttributeType.FullName == attribute);

    internal static string TypeNameOf(TypeDefinition type) => type.FullName.Replace('/', '.');
}
