using System;

namespace CosmosKernel.Tools.ObjCheck.Rules;

/// <summary>A name with wildcards: <c>*</c> stands for any characters, <c>?</c> for one. Upper and lower case differ.</summary>
internal sealed class NamePattern(string text)
{
    /// <summary>The pattern as it was written.</summary>
    public string Text { get; } = text;

    /// <summary>Whether the whole name fits.</summary>
    public bool Matches(ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> pattern = Text;
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
