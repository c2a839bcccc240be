using System;
using System.Collections.Generic;
using System.Globalization;

namespace CosmosKernel.CoreLibCheck;

/// <summary>One line of <c>corelib-layout.txt</c>: a constant of CoreLib, and what in the runtime has to be equal to it.</summary>
/// <param name="Line">Line number from 1.</param>
/// <param name="Constant">Type (nested types joined by a slash) and constant, joined by the last dot.</param>
/// <param name="Value">The value that the runtime was written for.</param>
/// <param name="Structure">Field as <c>Type.Field</c>, or size as <c>sizeof(Type)</c>, in the runtime's assembly; null if none.</param>
/// <param name="XSharpConstant">Constant of the runtime's X#; null if none.</param>
public sealed record LayoutFact(int Line, string Constant, long Value, string? Structure, string? XSharpConstant)
{
    /// <summary>Reads the file's lines. Lines that are empty or begin with # say nothing.</summary>
    /// <exception cref="FormatException">A line has another form; the message has its number.</exception>
    public static List<LayoutFact> Parse(IEnumerable<string> lines)
    {
        var facts = new List<LayoutFact>();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 || parts[0].StartsWith('#'))
            {
                continue;
            }

            if (parts.Length < 2 || !parts[0].Contains('.') || !long.TryParse(parts[1], CultureInfo.InvariantCulture, out long value))
            {
                throw new FormatException($"line {number}: expected TYPE.CONSTANT VALUE");
            }

            string? structure = null;
            string? constant = null;
            foreach (string part in parts[2..])
            {
                if (part.StartsWith("cs:", StringComparison.Ordinal))
                {
                    structure = part[3..];
                }
                else if (part.StartsWith("xs:", StringComparison.Ordinal))
                {
                    constant = part[3..];
                }
                else
                {
                    throw new FormatException($"line {number}: expected cs: or xs:, found {part}");
                }
            }

            facts.Add(new LayoutFact(number, parts[0], value, structure, constant));
        }

        return facts;
    }
}
