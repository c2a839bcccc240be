using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Editing;

/// <summary>The text of a line and the place of the cursor in it. The cursor never stands between a character and its combining marks.</summary>
[Owned]
public sealed class LineBuffer
{
    private readonly List<Rune> _runes = [];

    /// <summary>The characters.</summary>
    public IReadOnlyList<Rune> Runes => _runes;

    /// <summary>The cursor stands before this character, 0 to the number of characters.</summary>
    public int Cursor { get; private set; }

    /// <summary>Whether the cursor is behind the last character.</summary>
    public bool IsAtEnd => Cursor == _runes.Count;

    /// <summary>The whole text.</summary>
    public string Text => Slice(0, _runes.Count);

    /// <summary>The text before the cursor.</summary>
    public string TextBeforeCursor => Slice(0, Cursor);

    /// <summary>What <see cref="Delete"/> of more than a character took last.</summary>
    public string Killed { get; private set; } = "";

    /// <summary>Replaces the text; the cursor goes to its end.</summary>
    public void Set(string text)
    {
        _runes.Clear();
        Cursor = 0;
        Insert(text);
    }

    /// <summary>Inserts text at the cursor, which goes behind it. Control characters are left out.</summary>
    public void Insert(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            Insert(rune);
        }
    }

    /// <summary>Inserts a character at the cursor, which goes behind it. Control characters are left out.</summary>
    public void Insert(Rune rune)
    {
        if (!Rune.IsControl(rune))
        {
            _runes.Insert(Cursor, rune);
            Cursor++;
        }
    }

    /// <summary>Moves the cursor to a place that one of the methods below found.</summary>
    public void MoveTo(int place) => Cursor = Math.Clamp(place, 0, _runes.Count);

    /// <summary>Takes away what is between the cursor and a place.</summary>
    /// <param name="place">Where to, on either side of the cursor.</param>
    /// <param name="keep">Keep what was taken in <see cref="Killed"/>.</param>
    public void Delete(int place, bool keep)
    {
        int start = Math.Min(Cursor, place);
        int count = Math.Abs(Cursor - place);
        if (count == 0)
        {
            return;
        }

        if (keep)
        {
            Killed = Slice(start, count);
        }

        _runes.RemoveRange(start, count);
        Cursor = start;
    }

    /// <summary>The place one character left of the cursor.</summary>
    public int Left()
    {
        int place = Cursor;
        do
        {
            place--;
        }
        while (place > 0 && TextWidth.Of(_runes[place]) == 0);
        return Math.Max(place, 0);
    }

    /// <summary>The place one character right of the cursor.</summary>
    public int Right()
    {
        int place = Cursor;
        do
        {
            place++;
        }
        while (place < _runes.Count && TextWidth.Of(_runes[place]) == 0);
        return Math.Min(place, _runes.Count);
    }

    /// <summary>The start of the word at or before the cursor. Words are letters and digits.</summary>
    public int WordLeft()
    {
        int place = Cursor;
        while (place > 0 && !Rune.IsLetterOrDigit(_runes[place - 1]))
        {
            place--;
        }

        while (place > 0 && Rune.IsLetterOrDigit(_runes[place - 1]))
        {
            place--;
        }

        return place;
    }

    /// <summary>The end of the word at or behind the cursor.</summary>
    public int WordRight()
    {
        int place = Cursor;
        while (place < _runes.Count && !Rune.IsLetterOrDigit(_runes[place]))
        {
            place++;
        }

        while (place < _runes.Count && Rune.IsLetterOrDigit(_runes[place]))
        {
            place++;
        }

        return place;
    }

    /// <summary>The start of the argument at or before the cursor. Arguments are parted by blanks.</summary>
    public int ArgumentLeft()
    {
        int place = Cursor;
        while (place > 0 && Rune.IsWhiteSpace(_runes[place - 1]))
        {
            place--;
        }

        while (place > 0 && !Rune.IsWhiteSpace(_runes[place - 1]))
        {
            place--;
        }

        return place;
    }

    private string Slice(int start, int count)
    {
        var text = new StringBuilder(count);
        for (int i = start; i < start + count; i++)
        {
            text.Append(_runes[i].ToString());
        }

        return text.ToString();
    }
}
