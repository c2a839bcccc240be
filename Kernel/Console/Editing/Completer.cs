using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;

namespace CosmosKernel.Console.Editing;

/// <summary>What may follow a text that is being typed.</summary>
/// <param name="source">Gives the words that may stand behind these words; not filtered.</param>
public sealed class Completer(Func<IReadOnlyList<string>, IEnumerable<string>> source)
{
    private const int Gap = 2;

    /// <summary>The words that may take the place of the unfinished last one.</summary>
    /// <param name="text">The line up to the cursor.</param>
    /// <param name="start">Where the last word begins in it.</param>
    /// <returns>Those that begin with it, sorted, each once.</returns>
    public List<string> Complete(string text, out int start)
    {
        start = text.LastIndexOfAny([' ', '\t']) + 1;
        string[] before = text[..start].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string typed = text[start..];
        var found = new SortedSet<string>(NumbersInOrder.Instance);
        foreach (string word in source(before))
        {
            if (word.StartsWith(typed, StringComparison.Ordinal))
            {
                found.Add(word);
            }
        }

        return [.. found];
    }

    /// <summary>What all the words begin with.</summary>
    public static string CommonPrefix(IReadOnlyList<string> words)
    {
        string prefix = words[0];
        foreach (string word in words)
        {
            int length = prefix.AsSpan().CommonPrefixLength(word);
            prefix = prefix[..length];
        }

        // Not between the halves of a character.
        return prefix.Length > 0 && char.IsHighSurrogate(prefix[^1]) ? prefix[..^1] : prefix;
    }

    /// <summary>The words in columns, downwards, with line ends.</summary>
    /// <param name="words">The words.</param>
    /// <param name="columns">Columns of the terminal.</param>
    public static string Columns(IReadOnlyList<string> words, int columns)
    {
        int width = Gap;
        foreach (string word in words)
        {
            width = Math.Max(width, TextWidth.Of(word) + Gap);
        }

        int across = Math.Max(1, columns / width);
        int down = (words.Count + across - 1) / across;
        var text = new StringBuilder();
        for (int row = 0; row < down; row++)
        {
            var line = new StringBuilder();
            for (int i = row; i < words.Count; i += down)
            {
                line.Append(TextWidth.PadRight(words[i], width));
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    // 9 before 10; words as they are.
    private sealed class NumbersInOrder : IComparer<string>
    {
        public static readonly NumbersInOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            if (ulong.TryParse(x, out ulong first) && ulong.TryParse(y, out ulong second) && first != second)
            {
                return first.CompareTo(second);
            }

            return string.CompareOrdinal(x, y);
        }
    }
}
