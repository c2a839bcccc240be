using System.Linq;
using System.Text;
using CosmosKernel.Drivers.Terminal;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A small terminal and what tests want to know of it.</summary>
internal sealed class TerminalFixture(int columns = 10, int rows = 4)
{
    /// <summary>The terminal.</summary>
    public TerminalScreen Screen { get; } = new(columns, rows);

    /// <summary>Writes text.</summary>
    public TerminalFixture Write(string text)
    {
        Screen.Write(Encoding.UTF8.GetBytes(text));
        return this;
    }

    /// <summary>The characters of a row, spaces at its end left out.</summary>
    public string Text(int row)
    {
        var text = new StringBuilder();
        foreach (Cell cell in Screen.Row(row))
        {
            text.Append(char.ConvertFromUtf32(cell.Rune));
        }

        return text.ToString().TrimEnd(' ');
    }

    /// <summary>Asserts what the rows hold; the others are empty.</summary>
    public void AssertRows(params string[] expected) =>
        Assert.Equal(expected.Concat(Enumerable.Repeat("", Screen.Rows - expected.Length)), Enumerable.Range(0, Screen.Rows).Select(Text));

    /// <summary>Asserts where the cursor is, both from 0.</summary>
    public void AssertCursor(int row, int column) => Assert.Equal((row, column), Screen.Cursor);
}
