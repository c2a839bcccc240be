using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>IL2CPU's attributes, found by name: <c>Kernel/Cosmos/IL2CPU.API</c> has them.</summary>
internal static class Attributes
{
    public const string Plug = "Plug";
    public const string PlugMethod = "PlugMethod";
    public const string PlugField = "PlugField";
    public const string FieldAccess = "FieldAccess";
    public const string FieldType = "FieldType";
    public const string ObjectPointerAccess = "ObjectPointerAccess";
    public const string AsmMarker = "AsmMarker";
    public const string ManifestResourceStream = "ManifestResourceStreamAttribute";

    private const string Namespace = "IL2CPU.API.Attribs";

    /// <summary>All attributes of a kind.</summary>
    public static IEnumerable<CustomAttribute> All(ICustomAttributeProvider of, string name) =>
        of.HasCustomAttributes ? of.CustomAttributes.Where(attribute => attribute.AttributeType.Namespace == Namespace && attribute.AttributeType.Name == name) : [];

    /// <summary>The attribute of a kind; null for none.</summary>
    public static CustomAttribute? Find(ICustomAttributeProvider of, string name) => All(of, name).FirstOrDefault();

    /// <summary>It has an attribute of the kind.</summary>
    public static bool Has(ICustomAttributeProvider of, string name) => Find(of, name) is not null;

    /// <summary>What a property or field of an attribute was set to; null if it was not.</summary>
    public static object? Get(CustomAttribute attribute, string name)
    {
        foreach (CustomAttributeNamedArgument argument in attribute.Properties.Concat(attribute.Fields))
        {
            if (argument.Name == name)
            {
                return argument.Argument.Value;
            }
        }

        return null;
    }

    /// <summary>A property or field was set to true.</summary>
    public static bool IsTrue(CustomAttribute? attribute, string name) => attribute is not null && Get(attribute, name) is true;
}
