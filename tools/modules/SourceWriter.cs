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

    private static void Append(StringBuilder text, int index, ModuleDescription module)
    {
        text.Append($"\n        private static void Add{index}()\n        {{\n");
        text.Append($"            var module = new global::{module.TypeName}();\n");
        text.Append($"            var about = new ModuleAttribute({Literal(module.Name)})\n            {{\n");
        foreach ((string name, string value) in module.About)
        {
            text.Append($"                {name} = {Literal(value)},\n");
        }

        text.Append($"                DependsOn = [{string.Join(", ", module.DependsOn.Select(Literal))}],\n            }};\n");
        text.Append("            ModuleRegistry.Add(new ModuleEntry(\n                module,\n                about,\n                [\n");
        foreach (ParameterDescription parameter in module.Parameters)
        {
            text.Append($"                    new ModuleParameter({Literal(OptionName(parameter.Property))}, {Literal(parameter.Description)}, {Setter(parameter)}),\n");
        }

        text.Append("                ],\n                [\n");
        foreach (TestDescription test in module.Tests)
        {
            text.Append($"                    new KernelTest({Literal(test.Name)}, {test.Method}),\n");
        }

        text.Append("                ]));\n        }\n");
    }

    private static string Setter(ParameterDescription parameter)
    {
        string target = $"v => module.{parameter.Property} = v";
        return parameter.Type switch
        {
            "System.String" => $"value => {{ module.{parameter.Property} = value; return null; }}",
            "System.Boolean" => $"value => ParameterParser.Boolean(value, {target})",
            "System.Int32" => $"value => ParameterParser.Number(value, {parameter.Minimum}, {parameter.Maximum}, v => module.{parameter.Property} = (int)v)",
            _ => $"value => ParameterParser.Number(value, {Number(parameter.Minimum)}, {Number(parameter.Maximum)}, {target})",
        };
    }

    // The C# literal for the smallest long is an expression.
    private static string Number(long value) => value == long.MinValue ? "long.MinValue" : $"{value}L";

    // BaudRate becomes baud_rate.
    private static string OptionName(string property) =>
        string.Concat(property.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Literal(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
