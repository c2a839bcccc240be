using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace CosmosKernel.BootHarness.Protocol;

/// <summary>The percent escapes of TEXT fields (docs/testing.md, "The line protocol", rule 5).</summary>
public static class Escaping
{
    /// <summary>Escapes <c>%</c> and control characters, so that the text fits on one line.</summary>
    public static string Escape(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (char c in text)
        {
            if (c is '%' or < ' ' or '\x7F')
            {
                result.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    /// <summary>Decodes each <c>%XX</c>; runs of escaped bytes are UTF-8. A <c>%</c> without two hexadecimal digits stands for itself.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
                continue;
            }

            Flush();
            result.Append(text[i]);
        }

        Flush();
        return result.ToString();

        void Flush()
        {
            if (bytes.Count > 0)
            {
                result.Append(Encoding.UTF8.GetString([.. bytes]));
                bytes.Clear();
            }
        }
    }
}
