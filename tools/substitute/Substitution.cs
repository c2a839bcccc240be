using System;
using System.Collections.Generic;

namespace CosmosKernel.Tools.Substitute;

/// <summary>One line of the list: a method of CoreLib whose body becomes a call of the kernel's runtime.</summary>
/// <param name="Place">File and line, for messages.</param>
/// <param name="Type">Full name of the declaring type.</param>
/// <param name="Method">Name of the method; it must have no overloads.</param>
/// <param name="Import">The function that is called: what a <c>[RuntimeExport]</c> of the kernel provides. It gets the same arguments, <c>this</c> first.</param>
/// <param name="IsFirst">The method keeps its body, which runs when the function returns null. The method returns a reference.</param>
/// <param name="Reason">Why CoreLib as it ships does not do.</param>
internal sealed record Substitution(string Place, string Type, string Method, string Import, bool IsFirst, string Reason)
{
    private const string OrItsOwn = ", or its own";

    /// <summary>Reads the list: <c>TYPE.METHOD -> IMPORT : REASON</c> a line, or <c>TYPE.METHOD -> IMPORT, or its own : REASON</c>; empty lines and those that begin with <c>#</c> are left out.</summary>
    /// <exception cref="FormatException">A line is none; the message names it.</exception>
    public static List<Substitution> Parse(string file, IEnumerable<string> lines)
    {
        var substitutions = new List<Substitution>();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            string place = $"{file}({number})";
            int arrow = text.IndexOf(" -> ", StringComparison.Ordinal);
            int colon = text.IndexOf(" : ", StringComparison.Ordinal);
            int dot = arrow > 0 ? text.LastIndexOf('.', arrow) : -1;
            if (dot <= 0 || colon < arrow + 5)
            {
                throw new FormatException($"{place}: error: expected 'TYPE.METHOD -> IMPORT : REASON'");
            }

            string import = text[(arrow + 4)..colon].Trim();
            bool isFirst = import.EndsWith(OrItsOwn, StringComparison.Ordinal);
            import = isFirst ? import[..^OrItsOwn.Length] : import;
            substitutions.Add(new Substitution(place, text[..dot], text[(dot + 1)..arrow], import, isFirst, text[(colon + 3)..].Trim()));
        }

        return substitutions;
    }
}
