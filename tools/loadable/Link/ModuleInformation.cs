using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Modules;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>What <c>.modinfo</c> says of a module, with Linux's keys and ours.</summary>
internal static class ModuleInformation
{
    private static readonly Dictionary<string, (decimal Minimum, decimal Maximum)> s_ranges = new()
    {
        ["System.Int32"] = (int.MinValue, int.MaxValue),
        ["System.UInt32"] = (uint.MinValue, uint.MaxValue),
        ["System.Int64"] = (long.MinValue, long.MaxValue),
        ["System.UInt64"] = (ulong.MinValue, ulong.MaxValue),
    };

    /// <summary>The pairs, in order.</summary>
    /// <param name="module">What the module's assembly says.</param>
    /// <param name="depends">Names of the modules that it needs.</param>
    /// <param name="kernel">The kernel that it was built for.</param>
    /// <param name="assemblies">The module's assembly, then its libraries.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(ModuleDescription module, IEnumerable<string> depends, SymbolList kernel, IReadOnlyList<string> assemblies)
    {
        yield return new("name", module.Name);
        yield return new("version", module.Version.ToString());
        foreach ((string key, string property) in ((string, string)[])[("license", "License"), ("author", "Author"), ("description", "Description")])
        {
            if (module.About.TryGetValue(property, out string? value) && value.Length != 0)
            {
                yield return new(key, value);
            }
        }

        yield return new("depends", string.Join(',', depends));
        foreach (string alias in module.Aliases)
        {
            yield return new("alias", alias);
        }

        foreach (ParameterDescription parameter in module.Parameters)
        {
            string name = SourceWriter.OptionName(parameter.Property);
            yield return new("parm", $"{name}:{parameter.Description}");
            yield return new("parmtype", $"{name}:{TypeName(parameter)}");
            if (s_ranges.TryGetValue(parameter.Type, out (decimal, decimal) range) && (parameter.Minimum, parameter.Maximum) != range)
            {
                yield return new("parmrange", string.Create(CultureInfo.InvariantCulture, $"{name}:{parameter.Minimum}-{parameter.Maximum}"));
            }

            if (parameter.Names.Count != 0)
            {
                yield return new("parmvalues", $"{name}:{string.Join(',', parameter.Names.Select(SourceWriter.OptionName))}");
            }

            if (parameter.Default is string value)
            {
                yield return new("parmdefault", $"{name}:{value}");
            }
        }

        foreach (string key in (string[])["vermagic", "api", "apihash"])
        {
            yield return new(key, kernel.Information.GetValueOrDefault(key) ?? throw new LoadableException($"the kernel's list of symbols has no {key}"));
        }

        yield return new("assembly", Path.GetFileNameWithoutExtension(assemblies[0]));
        yield return new("srcversion", SourceVersion(assemblies));
    }

    // Linux's names of types.
    private static string TypeName(ParameterDescription parameter)
    {
        string element = parameter.Names.Count != 0 ? "charp" : parameter.ShortType.TrimEnd('[', ']') switch
        {
            "string" => "charp",
            string number => number,
        };
        return parameter.IsArray ? $"array of {element}" : element;
    }

    private static string SourceVersion(IEnumerable<string> assemblies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in assemblies)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexString(hash.GetHashAndReset())[..24];
    }
}
