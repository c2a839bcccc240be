using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Modules;

/// <summary>Which devices a module says it serves, in the form of Linux's modules.alias, so that the module for a device can be found without loading it.</summary>
internal static class DeviceAliases
{
    private const string Prefix = "CosmosKernel.Modules.Devices.";
    private const string Pci = Prefix + "MatchesPciAttribute";
    private const string Platform = Prefix + "MatchesPlatformAttribute";
    private const int Any = -1;

    /// <summary>All aliases of a module's class.</summary>
    public static IEnumerable<string> Read(TypeDefinition module, string where)
    {
        foreach (CustomAttribute attribute in module.CustomAttributes)
        {
            switch (attribute.AttributeType.FullName)
            {
                case Pci:
                    yield return OfPci(attribute, where);
                    break;
                case Platform:
                    yield return "platform:" + (string)attribute.ConstructorArguments[0].Value;
                    break;
            }
        }
    }

    private static string OfPci(CustomAttribute attribute, string where)
    {
        int vendor = (int)attribute.ConstructorArguments[0].Value;
        int device = attribute.ConstructorArguments.Count > 1 ? (int)attribute.ConstructorArguments[1].Value : Any;
        int code = Number(attribute, "Class");
        int mask = Number(attribute, "ClassMask");
        if (vendor is < Any or > 0xFFFF || device is < Any or > 0xFFFF || code is < 0 or > 0xFFFFFF || mask is < 0 or > 0xFFFFFF)
        {
            throw new ModuleListException($"{where}: vendor and device of a PCI device have 16 bits, its class has 24");
        }

        return string.Create(CultureInfo.InvariantCulture, $"pci:v{Field(vendor, 8)}d{Field(device, 8)}sv*sd*bc{ClassField(code, mask, 16)}sc{ClassField(code, mask, 8)}i{ClassField(code, mask, 0)}");
    }

    private static string Field(int value, int digits) => value == Any ? "*" : value.ToString("X" + digits, CultureInfo.InvariantCulture);

    private static string ClassField(int code, int mask, int shift) => ((mask >> shift) & 0xFF) == 0xFF ? Field((code >> shift) & 0xFF, 2) : "*";

    private static int Number(CustomAttribute attribute, string name) =>
        attribute.Properties.Where(property => property.Name == name).Select(property => (int)property.Argument.Value).FirstOrDefault();
}
