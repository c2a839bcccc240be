using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosKernel.CoreLibCheck;

/// <summary>Compares the facts that the runtime takes for granted with CoreLib, with the runtime's structures and with its X#.</summary>
public static partial class LayoutCheck
{
    /// <summary>Returns one message for each difference; none if all agrees.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="coreLib">System.Private.CoreLib as ILC brings it.</param>
    /// <param name="runtime">The runtime's assembly; null leaves its structures out.</param>
    /// <param name="xsharp">Text of the runtime's X# sources.</param>
    public static List<string> Compare(IEnumerable<LayoutFact> facts, AssemblyFacts coreLib, AssemblyFacts? runtime, IEnumerable<string> xsharp)
    {
        var messages = new List<string>();
        Dictionary<string, long> constants = XSharpConstants(xsharp);
        foreach (LayoutFact fact in facts)
        {
            Judge(messages, fact, "CoreLib", fact.Constant, coreLib.Constant(fact.Constant));
            if (fact.Structure != null && runtime != null)
            {
                Judge(messages, fact, "the runtime", fact.Structure, runtime.Layout(fact.Structure));
            }

            if (fact.XSharpConstant != null)
            {
                Judge(messages, fact, "X#", fact.XSharpConstant, constants.TryGetValue(fact.XSharpConstant, out long value) ? value : null);
            }
        }

        return messages;
    }

    private static void Judge(List<string> messages, LayoutFact fact, string where, string what, long? found)
    {
        if (found != fact.Value)
        {
            string text = found?.ToString(CultureInfo.InvariantCulture) ?? "nothing of this name";
            messages.Add($"corelib-layout.txt({fact.Line}): error: {where} has {text} for {what}, expected {fact.Value}");
        }
    }

    private static Dictionary<string, long> XSharpConstants(IEnumerable<string> sources)
    {
        var constants = new Dictionary<string, long>();
        foreach (string source in sources)
        {
            foreach (Match match in ConstantLine().Matches(source))
            {
                string text = match.Groups[2].Value;
                constants[match.Groups[1].Value] = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    ? long.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    : long.Parse(text, CultureInfo.InvariantCulture);
            }
        }

        return constants;
    }

    [GeneratedRegex(@"^\s*const\s+(\w+)\s*=\s*(0[xX][0-9A-Fa-f]+|-?\d+)\s*$", RegexOptions.Multiline)]
    private static partial Regex ConstantLine();
}
