using System;
using System.Text;
using CosmosKernel.Drivers.Keyboard;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>From scan codes to what a terminal sends.</summary>
public sealed class KeyDecoderTests
{
    private const string ShiftDown = "2A";
    private const string ShiftUp = "AA";
    private const string ControlDown = "1D";
    private const string AltDown = "38";
    private const string AltGrDown = "E038";

    [Theory]
    [InlineData("1E9E", "a")]
    [InlineData(ShiftDown + "1E9E" + ShiftUp + "1E", "Aa")]
    [InlineData("361E9EB6", "A")]
    [InlineData("3ABA1E9E02", "A1")]
    [InlineData("3ABA" + ShiftDown + "1E", "a")]
    [InlineData("3ABA3ABA1E", "a")]
    [InlineData(ShiftDown + "0203", "!@")]
    [InlineData("1C9C", "\r")]
    [InlineData("0E", "\x7F")]
    [InlineData("0F", "\t")]
    [InlineData(ShiftDown + "0F", "\e[Z")]
    [InlineData("01", "\e")]
    [InlineData("39", " ")]
    [InlineData(ControlDown + "2E", "\x03")]
    [InlineData(ControlDown + "1A", "\e")]
    [InlineData(ControlDown + "39", "\0")]
    [InlineData("E01D2E", "\x03")]
    [InlineData(AltDown + "1E", "\ea")]
    [InlineData(AltGrDown + "1E", "\ea")]
    [InlineData(AltDown + "1EB8" + "1E", "\eaa")]
    [InlineData("E048E050E04DE04B", "\e[A\e[B\e[C\e[D")]
    [InlineData("E047E04F", "\e[H\e[F")]
    [InlineData("E052E053E049E051", "\e[2~\e[3~\e[5~\e[6~")]
    [InlineData("3B3C3D3E", "\eOP\eOQ\eOR\eOS")]
    [InlineData("3F40414243445758", "\e[15~\e[17~\e[18~\e[19~\e[20~\e[21~\e[23~\e[24~")]
    [InlineData(ControlDown + "E04D", "\e[1;5C")]
    [InlineData(ShiftDown + "E053", "\e[3;2~")]
    [InlineData(AltDown + "3B", "\e[1;3P")]
    [InlineData("E02AE048E0C8E0AA1E", "\e[Aa")]
    [InlineData("474C53", "75.")]
    [InlineData("45C5474C53", "\e[H\e[E\e[3~")]
    [InlineData("374E4AE035E01C", "*+-/\r")]
    [InlineData("E11D45E19DC51E", "a")]
    [InlineData("E05BE05D1E", "a")]
    [InlineData("56", "\\")]
    public void UnitedStates(string codes, string expected) => Assert.Equal(expected, Type(KeyboardLayout.UnitedStates, codes));

    [Theory]
    [InlineData("15", "z")]
    [InlineData("0C1A2728", "\u00DF\u00FC\u00F6\u00E4")]
    [InlineData("3ABA1A", "\u00DC")]
    [InlineData(AltGrDown + "10121B", "@\u20AC~")]
    [InlineData(AltGrDown + "08090A0B0C", "{[]}\\")]
    [InlineData(AltGrDown + "56", "|")]
    [InlineData("2912", "\u00EA")]
    [InlineData("0D1E", "\u00E1")]
    [InlineData(ShiftDown + "0D" + ShiftUp + "1E", "\u00E0")]
    [InlineData("2939", "^")]
    [InlineData("2929", "^")]
    [InlineData("2910", "^q")]
    [InlineData("2956", "^<")]
    public void German(string codes, string expected) => Assert.Equal(expected, Type(KeyboardLayout.German, codes));

    [Theory]
    [InlineData("1011", "az")]
    [InlineData("0203", "&\u00E9")]
    [InlineData(ShiftDown + "0203", "12")]
    [InlineData(AltGrDown + "0B12", "@\u20AC")]
    [InlineData("1A12", "\u00EA")]
    [InlineData(ShiftDown + "1A" + ShiftUp + "12", "\u00EB")]
    [InlineData("27", "m")]
    public void French(string codes, string expected) => Assert.Equal(expected, Type(KeyboardLayout.French, codes));

    [Theory]
    [InlineData("us")]
    [InlineData("de")]
    [InlineData("fr")]
    public void EveryLayoutTypesAllOfAscii(string name)
    {
        KeyboardLayout layout = KeyboardLayout.Find(name)!;
        Assert.Equal(name, layout.Name);
        for (char wanted = '!'; wanted <= '~'; wanted++)
        {
            bool found = false;
            foreach (byte key in KeyboardLayout.Keys)
            {
                for (int level = 0; level < 4; level++)
                {
                    found |= layout.CharacterOf(key, (level & 1) != 0, (level & 2) != 0) == wanted;
                }
            }

            Assert.True(found, $"{name} has no key for '{wanted}'");
        }
    }

    [Fact]
    public void NoSequenceOfCodesOverflowsTheBuffer()
    {
        var random = new Random(3);
        foreach (string name in (string[])["us", "de", "fr"])
        {
            var decoder = new KeyDecoder(KeyboardLayout.Find(name)!);
            var codes = new ScanCodes();
            byte[] output = new byte[KeyDecoder.MostBytes];
            for (int i = 0; i < 200_000; i++)
            {
                if (codes.TryTake((byte)random.Next(256), out _, out ushort key, out bool isDown))
                {
                    Assert.InRange(decoder.Press(key, isDown, isRepeated: false, output), 0, KeyDecoder.MostBytes);
                }
            }
        }
    }

    [Theory]
    [InlineData("1E", 0x1E, 30, true)]
    [InlineData("9E", 0x1E, 30, false)]
    [InlineData("E01C", 0xE01C, 96, true)]
    [InlineData("E0CB", 0xE04B, 105, false)]
    [InlineData("E11D45", 0xE11D, 119, true)]
    [InlineData("E11D45E19DC5", 0xE11D, 119, false)]
    [InlineData("54", 0x54, 99, true)]
    [InlineData("E037", 0xE037, 99, true)]
    [InlineData("7F", 0x7F, 0, true)]
    [InlineData("E07F", 0xE07F, 0, true)]
    public void ScanCodesAreKeys(string codes, int code, int key, bool isDown)
    {
        var scanCodes = new ScanCodes();
        (ushort Code, ushort Key, bool IsDown) last = default;
        foreach (byte value in Convert.FromHexString(codes))
        {
            if (scanCodes.TryTake(value, out ushort takenCode, out ushort takenKey, out bool down))
            {
                last = (takenCode, takenKey, down);
            }
        }

        Assert.Equal(((ushort)code, (ushort)key, isDown), last);
    }

    [Fact]
    public void EveryKeyHasOneScanCode()
    {
        for (int code = 1; code < 128; code++)
        {
            foreach (bool extended in (bool[])[false, true])
            {
                int key = ScanCodes.KeyOf((byte)code, extended);

                // Print and Pause have another one together with Alt and Ctrl.
                if (key is not (0 or 99 or 119))
                {
                    Assert.True(ScanCodes.TryFromKey(key, out byte back, out bool isExtended), $"key {key}");
                    Assert.Equal((code, extended), (back, isExtended));
                }
            }
        }
    }

    [Fact]
    public void AHeldLockKeyChangesTheLockOnce()
    {
        const int capsLock = 58;
        var decoder = new KeyDecoder(KeyboardLayout.UnitedStates);
        byte[] output = new byte[KeyDecoder.MostBytes];
        decoder.Press(capsLock, isDown: true, isRepeated: false, output);
        decoder.Press(capsLock, isDown: true, isRepeated: true, output);
        Assert.True(decoder.CapsLock);
    }

    [Theory]
    [InlineData(250, 33, 0x00)]
    [InlineData(500, 92, 0x2B)]
    [InlineData(1000, 500, 0x7F)]
    [InlineData(60_000, 60_000, 0x7F)]
    [InlineData(0, 0, 0x00)]
    public void RatesAreTheKeyboardsOwn(int delay, int period, byte rate) => Assert.Equal(rate, KeyboardDevice.RateOf(delay, period));

    [Fact]
    public void AnUnknownLayoutIsNotFound() => Assert.Null(KeyboardLayout.Find("xx"));

    private static string Type(KeyboardLayout layout, string codes)
    {
        var decoder = new KeyDecoder(layout);
        byte[] output = new byte[KeyDecoder.MostBytes];
        var typed = new StringBuilder();
        var scanCodes = new ScanCodes();
        foreach (byte value in Convert.FromHexString(codes))
        {
            if (scanCodes.TryTake(value, out _, out ushort key, out bool isDown))
            {
                typed.Append(Encoding.UTF8.GetString(output, 0, decoder.Press(key, isDown, isRepeated: false, output)));
            }
        }

        return typed.ToString();
    }
}
