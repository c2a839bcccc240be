using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using CosmosKernel.Console.Text;

namespace CosmosKernel.Console.Tests;

/// <summary>A terminal that understands what the console writes; anything else is an error of the test.</summary>
internal sealed class TestScreen(int columns)
{
    private readonly List<string[]> _rows = [new string[columns]];

    public int Row { get; private set; }

    public int Column { get; private set; }

    public string Line(int row) => string.Concat(Array.ConvertAll(_rows[row], cell => cell ?? " ")).TrimEnd();

    public string CurrentLine => Line(Row);

    public void Write(string text)
    {
        string[] parts = text.Split('\e');
        Print(parts[0]);
        for (int i = 1; i < parts.Length; i++)
        {
            int end = 1;
            while (end < parts[i].Length && !char.IsAsciiLetter(parts[i][end]))
            {
                end++;
            }

            Control(parts[i][1..end], parts[i][end]);
            Print(parts[i][(end + 1)..]);
        }
    }

    private void Print(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\r':
                    Column = 0;
                    break;
                case '\n':
                    Column = 0;
                    Row++;
                    if (Row == _rows.Count)
                    {
                        _rows.Add(new string[columns]);
                    }

                    break;
                case '\a':
                    break;
                default:
                    Put(rune);
                    break;
            }
        }
    }

    private void Put(Rune rune)
    {
        int width = TextWidth.Of(rune);
        if (width == 0)
        {
            _rows[Row][Column - 1] += rune.ToString();
            return;
        }

        if (Column + width > columns)
        {
            throw new InvalidOperationException($"column {Column} of {columns}: '{rune}' would wrap");
        }

        _rows[Row][Column] = rune.ToString();
        if (width == 2)
        {
            _rows[Row][Column + 1] = "";
        }

        Column += width;
    }

    private void Control(string parameters, char final)
    {
        int count = parameters.Length == 0 || !int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? 1 : number;
        switch (final)
        {
            case 'm' or 'h' or 'l':
                break;
            case 'A':
                Row -= count;
                break;
            case 'C':
                Column = Math.Min(columns - 1, Column + count);
                break;
            case 'D':
                Column = Math.Max(0, Column - count);
                break;
            case 'K':
                Array.Clear(_rows[Row], Column, columns - Column);
                break;
            case 'H':
                (Row, Column) = (0, 0);
                break;
            case 'J' when parameters == "2":
                _rows.ForEach(Array.Clear);
                break;
            default:
                throw new InvalidOperationException($"unknown sequence CSI {parameters} {final}");
        }
    }
}
