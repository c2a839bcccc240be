using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Console;

/// <summary>Parts a line into words at blanks. Quotes of either kind keep blanks; a backslash outside single quotes keeps the next character.</summary>
public static class CommandLine
{
    /// <summary>Parts a line.</summary>
    /// <param name="line">What was entered.</param>
    /// <param name="words">The words; those in quotes may be empty.</param>
    /// <param name="problem">What is wrong with it, or empty.</param>
    /// <returns>False when a quote has no end.</returns>
    public static bool TryParse(string line, out List<string> words, out string problem)
    {
        words = [];
        problem = "";
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                word.Append(line[++i]);
                inWord = true;
            }
            else if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        if (quote != '\0')
        {
            problem = $"a {quote} has no end";
        }

        return quote == '\0';
    }
}
