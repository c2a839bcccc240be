using System.Globalization;
using System.Linq;

namespace CosmosKernel.Tools.Modules;

/// <summary>Writes the C# that reads a parameter's value from text, and shows it.</summary>
internal static class ParameterSource
{
    /// <summary>A lambda from the text to null or what is wrong with it.</summary>
    public static string Setter(ParameterDescription parameter)
    {
        string target = $"module.{parameter.Property}";
        string limits = $"{Number(parameter.Minimum, parameter.Type)}, {Number(parameter.Maximum, parameter.Type)}";
        string length = parameter.MaximumLength.ToString(CultureInfo.InvariantCulture);
        if (parameter.Names.Count > 0)
        {
            string names = string.Join(", ", parameter.Names.Select(name => SourceWriter.Literal(SourceWriter.OptionName(name))));
            string values = string.Join(", ", parameter.Names.Select(name => $"global::{parameter.Type}.{name}"));
            return $"value => ParameterParser.Choice(value, [{names}], v => {target} = new[] {{ {values} }}[v])";
        }

        string type = ParameterReader.ShortNames[parameter.Type];
        return (type, parameter.IsArray) switch
        {
            ("string", false) => $"value => ParameterParser.Text(value, {length}, v => {target} = v)",
            ("string", true) => $"value => ParameterParser.Texts(value, {length}, v => {target} = v)",
            ("bool", _) => $"value => ParameterParser.Boolean(value, v => {target} = v)",
            ("ulong", false) => $"value => ParameterParser.Unsigned(value, {limits}, v => {target} = v)",
            ("ulong", true) => $"value => ParameterParser.UnsignedNumbers(value, {limits}, {length}, v => {target} = v)",
            (_, false) => $"value => ParameterParser.Number(value, {limits}, v => {target} = ({type})v)",
            (_, true) => $"value => ParameterParser.Numbers(value, {limits}, {length}, v => {target} = System.Array.ConvertAll(v, static n => ({type})n))",
        };
    }

    /// <summary>An expression that has the value as text.</summary>
    public static string Getter(ParameterDescription parameter)
    {
        string target = $"module.{parameter.Property}";
        if (parameter.Names.Count > 0)
        {
            string cases = string.Concat(parameter.Names.Select(name => $"global::{parameter.Type}.{name} => {SourceWriter.Literal(SourceWriter.OptionName(name))}, "));
            return $"{target} switch {{ {cases}_ => \"\" }}";
        }

        string type = ParameterReader.ShortNames[parameter.Type];
        return (type, parameter.IsArray) switch
        {
            ("string", false) => $"{target} ?? \"\"",
            ("bool", _) => $"{target} ? \"Y\" : \"N\"",
            (_, true) => $"string.Join(\",\", {target} ?? [])",
            _ => $"{target}.ToString(System.Globalization.CultureInfo.InvariantCulture)",
        };
    }

    // The C# literals for the smallest numbers are expressions.
    private static string Number(decimal value, string type) =>
        type == "System.UInt64" ? $"{value.ToString(CultureInfo.InvariantCulture)}UL" : value == long.MinValue ? "long.MinValue" : $"{value.ToString(CultureInfo.InvariantCulture)}L";
}
