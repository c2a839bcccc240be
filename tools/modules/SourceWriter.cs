using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace CosmosKernel.Tools.Modules;

/// <summary>Writes the C# source of an image's main assembly: the entry point, and the list of modules with their parameters and tests.</summary>
internal static class SourceWriter
{
    /// <summary>The whole source file.</summary>
    public static string Write(IReadOnlyList<ModuleDescription> modules)
    {
        var text = new StringBuilder();
        text.Append("""
            using System.Runtime;
            using CosmosKernel.Image;
            using CosmosKernel.Modules;
            using CosmosKernel.Modules.Testing;

            namespace System.Runtime
            {
                [AttributeUsage(AttributeTargets.Method)]
                internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
                {
                    public string EntryPoint { get; } = entryPoint;
                }
            }

            namespace CosmosKernel.Generated
            {
                internal static class Entry
                {
                    [RuntimeExport("KernelMain")]
                    private static void Start(uint loaderMagic, ulong information)
                    {
                        KernelBoot.StartMachine(loaderMagic, information);
                        KernelBoot.StartSystem(new ImageModules());
                    }
                }

                internal sealed partial class ImageModules : ModuleSource
                {
                    public override void Register()
                    {

            """);
        for (int i = 0; i < modules.Count; i++)
        {
            text.Append($"            Add{i}();\n");
        }

        text.Append("        }\n");
        for (int i = 0; i < modules.Count; i++)
        {
            Append(text, i, modules[i]);
        }

        return text.Append("    }\n}\n").ToString();
    }

    /// <summary>The source file of a module that is loaded at run time: the method that the loader calls.</summary>
    public static string WriteLoadable(ModuleDescription module)
    {
        var text = new StringBuilder();
        text.Append("""
            using System.Runtime;
            using CosmosKernel.Modules;
            using CosmosKernel.Modules.Testing;

            namespace System.Runtime
            {
                [AttributeUsage(AttributeTargets.Method)]
                internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
                {
                    public string EntryPoint { get; } = entryPoint;
                }
            }

            namespace CosmosKernel.Generated
            {
                internal static class LoadableModule
                {
                    [RuntimeExport("CosmosModuleEntry")]
                    private static ModuleEntry Enter() => Make();

            """);
        AppendMaker(text, "Make", module);
        return text.Append("    }\n}\n").ToString();
    }

    private static void Append(StringBuilder text, int index, ModuleDescription module)
    {
        text.Append($"\n        private static void Add{index}() => ModuleRegistry.Add(Make{index}());\n");
        AppendMaker(text, $"Make{index}", module);
    }

    private static void AppendMaker(StringBuilder text, string method, ModuleDescription module)
    {
        text.Append($"\n        private static ModuleEntry {method}()\n        {{\n");
        text.Append($"            var module = new global::{module.TypeName}();\n");
        text.Append($"            var about = new ModuleAttribute({Literal(module.Name)})\n            {{\n");
        foreach ((string name, string value) in module.About)
        {
            text.Append($"                {name} = {Literal(value)},\n");
        }

        text.Append($"                DependsOn = [{string.Join(", ", module.DependsOn.Select(Literal))}],\n            }};\n");
        text.Append("            return new ModuleEntry(\n                module,\n                about,\n                [\n");
        foreach (ParameterDescription parameter in module.Parameters)
        {
            text.Append($"                    new ModuleParameter({Literal(OptionName(parameter.Property))}, {Literal(parameter.Description)}, {ParameterSource.Setter(parameter)})\n");
            text.Append($"                    {{ Get = () => {ParameterSource.Getter(parameter)}, Type = {Literal(parameter.ShortType)}, IsWritable = {(parameter.IsWritable ? "true" : "false")} }},\n");
        }

        text.Append("                ],\n                [\n");
        foreach (TestDescription test in module.Tests)
        {
            text.Append($"                    new KernelTest({Literal(test.Name)}, {test.Method}),\n");
        }

        text.Append($"                ]) {{ Namespaces = [{string.Join(", ", module.Namespaces.Select(Literal))}] }};\n        }}\n");
    }

    /// <summary>How a name of C# is written on the command line: BaudRate becomes baud_rate.</summary>
    public static string OptionName(string property) =>
        string.Concat(property.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>A C# literal.</summary>
    public static string Literal(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
