using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Input;
using CosmosKernel.Modules.Commands;
using Xunit;

namespace CosmosKernel.Console.Tests;

public sealed class KeyDecoderTests
{
    private readonly KeyDecoder _decoder = new();

    [Theory]
    [InlineData("\e[A", KeyCode.Up)]
    [InlineData("\eOB", KeyCode.Down)]
    [InlineData("\e[1;5C", KeyCode.WordRight)]
    [InlineData("\e[1;3D", KeyCode.WordLeft)]
    [InlineData("\e[1;2C", KeyCode.Right)]
    [InlineData("\e[3~", KeyCode.Delete)]
    [InlineData("\e[5~", KeyCode.PageUp)]
    [InlineData("\e[7~", KeyCode.Home)]
    [InlineData("\r", KeyCode.Enter)]
    [InlineData("\n", KeyCode.Enter)]
    [InlineData("\r\n", KeyCode.Enter)]
    [InlineData("\t", KeyCode.Tab)]
    [InlineData("\u007f", KeyCode.Backspace)]
    public void ASequenceIsOneKey(string typed, KeyCode code) => Assert.Equal([new Key(code)], Decode(typed));

    [Theory]
    [InlineData("\e[?25h")]
    [InlineData("\e[200~")]
    [InlineData("\e[99;99;99;99;99;99;99;99;99;99z")]
    [InlineData("\e[12345678901234567890z")]
    public void ASequenceWithoutAKeyIsSwallowedWhole(string typed) => Assert.Equal([Character('x')], Decode(typed + "x"));

    [Fact]
    public void TwoReturnsAreTwoKeys() => Assert.Equal(2, Decode("\r\r").Count);

    [Fact]
    public void ControlLettersAreKeys()
    {
        Assert.True(Decode("\u0003")[0].IsControl('C'));
        Assert.False(Decode("c")[0].IsControl('C'));
    }

    [Fact]
    public void AltIsEscapeBeforeACharacter() => Assert.Equal([new Key(KeyCode.Alt, new Rune('b'))], Decode("\eb"));

    [Fact]
    public void AnEscapeFollowedByAPauseIsAKey()
    {
        Assert.Empty(Decode("\e"));
        Assert.True(_decoder.IsInSequence);
        Assert.Equal(new Key(KeyCode.Escape), _decoder.Pause());
        Assert.False(_decoder.IsInSequence);
        Assert.Equal([Character('[')], Decode("["));
    }

    [Fact]
    public void ABegunSequenceIsDroppedByAPause()
    {
        Assert.Empty(Decode("\e[1;"));
        Assert.Equal(default, _decoder.Pause());
        Assert.Equal([Character('5')], Decode("5"));
    }

    [Fact]
    public void APositionReportIsNoKey()
    {
        Assert.Empty(Decode("\e[24;80R"));
        Assert.Equal((24, 80), _decoder.TakeReport());
        Assert.Equal((0, 0), _decoder.TakeReport());
    }

    [Fact]
    public void CharactersOfTwoToFourBytesArrive()
    {
        List<Key> keys = Decode("é€😀");
        Assert.Equal([new Key(KeyCode.Character, new Rune('é')), new Key(KeyCode.Character, new Rune('€')), new Key(KeyCode.Character, new Rune(0x1F600))], keys);
    }

    [Fact]
    public void ABrokenCharacterBecomesTheReplacementCharacterAndTheNextOneArrives()
    {
        List<Key> keys = Decode([0xC3, 0xC3, 0xA9]);
        Assert.Equal([new Key(KeyCode.Character, Rune.ReplacementChar), new Key(KeyCode.Character, new Rune('é'))], keys);
    }

    [Fact]
    public void AControlCharacterEndsABrokenCharacterAndCounts()
    {
        List<Key> keys = Decode([0xC3, (byte)'\r']);
        Assert.Equal(new Key(KeyCode.Enter), keys[^1]);
    }

    [Fact]
    public void AControlCharacterInsideASequenceCounts() => Assert.Equal([new Key(KeyCode.Enter)], Decode("\e[1\r"));

    private static Key Character(char c) => new(KeyCode.Character, new Rune(c));

    private List<Key> Decode(string typed) => Decode(Encoding.UTF8.GetBytes(typed));

    private List<Key> Decode(byte[] typed)
    {
        List<Key> keys = [];
        foreach (byte value in typed)
        {
            Key key = _decoder.Add(value);
            if (key.Code != KeyCode.None)
            {
                keys.Add(key);
            }
        }

        return keys;
    }
}
