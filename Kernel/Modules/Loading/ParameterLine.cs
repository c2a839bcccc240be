using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Modules.Loading;

/// <summary>The parameters of init_module(2): words NAME and NAME=VALUE, with double quotes around spaces. Task context.</summary>
internal static class ParameterLine
{
    /// <summary>Splits a line. The value of a word without <c>=</c> is null, which is not the same as empty.</summary>
    public static List<KeyValuePair<string, string?>> Split(string line)
    {
        var parameters = new List<KeyValuePair<string, string?>>();
        var word = new StringBuilder();
        bool quoted = false;
        bool begun = false;
        foreach (char c in line + ' ')
        {
            if (c == '"')
            {
                quoted = !quoted;
                begun = true;
            }
            else if (!quoted && char.IsWhiteSpace(c))
            {
                if (begun)
                {
                    string text = word.ToString();
                    int equals = text.IndexOf('=');
                    parameters.Add(equals < 0 ? new(text, null) : new(text[..equals], text[(equals + 1)..]));
                    word.Clear();
                    begun = false;
                }
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            // A quote that nobody closed: the rest is the value.
            parameters.Add(new(word.ToString(), null));
        }

        return parameters;
    }
}
