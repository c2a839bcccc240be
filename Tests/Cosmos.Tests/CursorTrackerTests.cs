using System.Text;
using CosmosKernel.Modules.Consoles;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Where the cursor of a terminal of 10 columns and 5 rows is after some text.</summary>
public sealed class CursorTrackerTests
{
    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("abc", 3, 0)]
    [InlineData("äöü€", 4, 0)]
    [InlineData("abc\r\n", 0, 1)]
    [InlineData("abc\n", 0, 1)]
    [InlineData("abc\b\b", 1, 0)]
    [InlineData("\b", 0, 0)]
    [InlineData("a\tb", 9, 0)]
    [InlineData("0123456789", 9, 0)]
    [InlineData("0123456789a", 1, 1)]
    [InlineData("0123456789\r", 0, 0)]
    [InlineData("\n\n\n\n\n\n\n", 0, 4)]
    [InlineData("\e[3;5H", 4, 2)]
    [InlineData("\e[H", 0, 0)]
    [InlineData("\e[99;99H", 9, 4)]
    [InlineData("\e[2;2H\e[A\e[3C\e[2B\e[D", 3, 2)]
    [InlineData("\e[3;3H\e[E", 0, 3)]
    [InlineData("\e[3;3H\e[F", 0, 1)]
    [InlineData("\e[7G\e[4d", 6, 3)]
    [InlineData("abc\e[1;31mdef\e[0m", 6, 0)]
    [InlineData("abc\e[2J", 3, 0)]
    [InlineData("ab\e[scd\e[2;2H\e[u", 2, 0)]
    [InlineData("ab\e7cd\e8", 2, 0)]
    [InlineData("\e[?25labc\e[?25h", 3, 0)]
    [InlineData("\e]0;a title\aabc", 3, 0)]
    [InlineData("\e]0;a title\e\\abc", 3, 0)]
    [InlineData("abc\ec", 0, 0)]
    [InlineData("\e(Babc", 3, 0)]
    [InlineData("\e[1;2;3;4;5;6;7;8;9mx", 1, 0)]
    public void ItFollows(string text, int column, int row)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var whole = new CursorTracker();
        whole.Follow(bytes, 10, 5);
        Assert.Equal((column, row), (whole.Column, whole.Row));

        var byteByByte = new CursorTracker();
        foreach (byte value in bytes)
        {
            byteByByte.Follow([value], 10, 5);
        }

        Assert.Equal((column, row), (byteByByte.Column, byteByByte.Row));
    }
}
