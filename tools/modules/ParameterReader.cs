using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Modules;

/// <summary>Reads the parameters of a module, and refuses those that could not work: a type that no text can give, limits that contradict each other, a default outside of them.</summary>
internal static class ParameterReader
{
    /// <summary>The types of parameters and of elements of arrays, with their names in C#.</summary>
    public static readonly IReadOnlyDictionary<string, string> ShortNames = new Dictionary<string, string>
    {
        ["System.Boolean"] = "bool",
        ["System.Int32"] = "int",
        ["System.UInt32"] = "uint",
        ["System.Int64"] = "long",
        ["System.UInt64"] = "ulong",
        ["System.String"] = "string",
    };

    private const string Attribute = "CosmosKernel.Modules.ModuleParameterAttribute";
    private const int MostCharacters = 1024;

    private static readonly Dictionary<string, (decimal Minimum, decimal Maximum)> s_ranges = new()
    {
        ["System.Int32"] = (int.MinValue, int.MaxValue),
        ["System.UInt32"] = (uint.MinValue, uint.MaxValue),
        ["System.Int64"] = (long.MinValue, long.MaxValue),
        ["System.UInt64"] = (ulong.MinValue, ulong.MaxValue),
    };

    /// <summary>All parameters, in the order of the source.</summary>
    /// <param name="module">The module's class.</param>
    /// <param name="file">Its assembly, for messages.</param>
    public static IEnumerable<ParameterDescription> Read(TypeDefinition module, string file)
    {
        var names = new HashSet<string>();
        foreach (PropertyDefinition property in module.Properties)
        {
            if (ModuleReader.Find(property, Attribute) is CustomAttribute attribute)
            {
                string where = $"{SourcePlace.Of(property.SetMethod ?? property.GetMethod, file)}: {module.FullName}.{property.Name}";
                ParameterDescription parameter = ReadOne(property, attribute, where);
                if (!names.Add(SourceWriter.OptionName(property.Name)))
                {
                    throw new ModuleListException($"{where}: another parameter has the same name on the command line, {SourceWriter.OptionName(property.Name)}");
                }

                yield return parameter;
            }
        }
    }

    private static ParameterDescription ReadOne(PropertyDefinition property, CustomAttribute attribute, string where)
    {
        bool isArray = property.PropertyType is ArrayType { Rank: 1 };
        TypeReference element = isArray ? ((ArrayType)property.PropertyType).ElementType : property.PropertyType;
        TypeDefinition? enumeration = !ShortNames.ContainsKey(element.FullName) && !isArray ? ResolveEnumeration(element) : null;
        bool isKnown = enumeration is not null || (ShortNames.ContainsKey(element.FullName) && !(isArray && element.FullName == "System.Boolean"));
        if (property.SetMethod is not { IsPublic: true, IsStatic: false } || property.GetMethod is not { IsPublic: true, IsStatic: false } || !isKnown)
        {
            throw new ModuleListException($"{where}: a parameter is a public property that can be read and set, of type bool, int, uint, long, ulong, string or an enumeration, or an array of numbers or strings");
        }

        bool isNumber = s_ranges.TryGetValue(element.FullName, out (decimal Minimum, decimal Maximum) range);
        decimal? minimum = Number(attribute, "Minimum");
        decimal? maximum = Number(attribute, "Maximum");
        if (!isNumber && (minimum ?? maximum) is not null)
        {
            throw new ModuleListException($"{where}: Minimum and Maximum are for numbers");
        }

        if (minimum < range.Minimum || maximum > range.Maximum || (minimum ?? range.Minimum) > (maximum ?? range.Maximum))
        {
            throw new ModuleListException($"{where}: no {ShortNames[element.FullName]} is from {minimum ?? range.Minimum} to {maximum ?? range.Maximum}");
        }

        decimal length = Number(attribute, "MaximumLength") ?? MostCharacters;
        if (length < 1)
        {
            throw new ModuleListException($"{where}: MaximumLength is 1 or more");
        }

        var parameter = new ParameterDescription(
            property.Name, enumeration is null ? element.FullName : ModuleReader.TypeNameOf(enumeration), (string)attribute.ConstructorArguments[0].Value, minimum ?? range.Minimum, maximum ?? range.Maximum)
        {
            IsArray = isArray,
            MaximumLength = (int)length,
            IsWritable = attribute.Properties.Any(p => p.Name == "IsWritable" && (bool)p.Argument.Value),
            Names = enumeration is null ? [] : [.. enumeration.Fields.Where(field => field.IsStatic && field.HasConstant).Select(field => field.Name)],
        };
        object? value = isArray ? null : ParameterDefaults.Find(property);
        if (isNumber && value is IConvertible number && Convert.ToDecimal(number, CultureInfo.InvariantCulture) is decimal given && (given < parameter.Minimum || given > parameter.Maximum))
        {
            throw new ModuleListException($"{where}: the default {given} is not from {parameter.Minimum} to {parameter.Maximum}");
        }

        return parameter with { Default = Text(value, enumeration) };
    }

    private static string? Text(object? value, TypeDefinition? enumeration)
    {
        if (value is null || enumeration is null)
        {
            return value switch
            {
                bool flag => flag ? "Y" : "N",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value as string,
            };
        }

        FieldDefinition? field = enumeration.Fields.FirstOrDefault(f => f.HasConstant && Convert.ToDecimal(f.Constant, CultureInfo.InvariantCulture) == Convert.ToDecimal(value, CultureInfo.InvariantCulture));
        return field is null ? null : SourceWriter.OptionName(field.Name);
    }

    // Only the module's own: those of other assemblies may not be at hand.
    private static TypeDefinition? ResolveEnumeration(TypeReference type) => type is TypeDefinition { IsEnum: true } definition && (definition.IsPublic || definition.IsNestedPublic) ? definition : null;

    private static decimal? Number(CustomAttribute attribute, string name)
    {
        foreach (CustomAttributeNamedArgument property in attribute.Properties)
        {
            if (property.Name == name)
            {
                return Convert.ToDecimal(property.Argument.Value, CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
