using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Cosmos.System;
using Cosmos.System.ExtendedASCII;
using Cosmos.System.ScanMaps;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Keyboard layouts, and the way of keys to terminals and back.</summary>
public sealed class ScanMapTests
{
    public static TheoryData<ScanMapBase> Layouts => [new US_Standard(), new GB_Standard(), new DE_Standard(), new FR_Standard(), new ES_Standard(), new TR_StandardQ(), new US_Dvorak()];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void EveryLayoutHasEveryPrintableAsciiCharacterOrADeadKeysAndEveryKeyOnce(ScanMapBase layout)
    {
        var characters = new HashSet<char>();
        var scanCodes = new HashSet<byte>();
        for (int code = 0; code < 0x80; code++)
        {
            if (layout.Find((byte)code) is { } map)
            {
                Assert.True(scanCodes.Add(map.ScanCode));
                characters.UnionWith([map.Value, map.Shift, map.ControlAlt, map.ControlAltShift]);
            }
        }

        Assert.Empty(Enumerable.Range(0x20, 0x5F).Select(code => (char)code).Except(characters));
        Assert.True(layout.ScanCodeMatchesKey(0x1C, ConsoleKeyEx.Enter));
        Assert.True(layout.ScanCodeMatchesKey(0x2A, ConsoleKeyEx.LShift));
        Assert.False(layout.ScanCodeMatchesKey(0x2A, ConsoleKeyEx.RShift));
    }

    [Theory]
    [InlineData(0x1E, false, false, false, 'a', ConsoleKeyEx.A)]
    [InlineData(0x1E, true, false, false, 'A', ConsoleKeyEx.A)]
    [InlineData(0x1E, false, true, false, 'A', ConsoleKeyEx.A)]
    [InlineData(0x1E, true, true, false, 'a', ConsoleKeyEx.A)]
    [InlineData(0x03, true, true, false, '@', ConsoleKeyEx.D2)]
    [InlineData(0x47, false, false, true, '7', ConsoleKeyEx.Num7)]
    [InlineData(0x47, false, false, false, '\0', ConsoleKeyEx.Home)]
    [InlineData(0x0E, false, false, false, '\0', ConsoleKeyEx.Backspace)]
    public void TheUnitedStatesLayoutTypes(byte scanCode, bool shift, bool capsLock, bool numLock, char character, ConsoleKeyEx key)
    {
        KeyEvent typed = new USStandardLayout().ConvertScanCode(scanCode, false, shift, false, numLock, capsLock, false)!;
        Assert.Equal((character, key, shift ? ConsoleModifiers.Shift : 0), (typed.KeyChar, typed.Key, typed.Modifiers));
    }

    [Fact]
    public void AltGrIsCtrlAndAlt()
    {
        var layout = new DE_Standard();
        Assert.Equal('@', layout.ConvertScanCode(0x10, true, false, true, false, false, false)!.KeyChar);
        Assert.Equal('{', layout.ConvertScanCode(0x08, true, false, true, false, false, false)!.KeyChar);
        Assert.Equal('\0', layout.ConvertScanCode(0x10, true, false, false, false, false, false)!.KeyChar);
        Assert.Equal('z', layout.ConvertScanCode(0x15, false, false, true, false, false, false)!.KeyChar);
    }

    [Fact]
    public void ReleasedKeysAndUnknownOnesAreToldApart()
    {
        var layout = new FR_Standard();
        Assert.Equal(KeyEvent.KeyEventType.Break, layout.ConvertScanCode(0x90, false, false, false, false, false, false)!.Type);
        Assert.Null(layout.ConvertScanCode(0x70, false, false, false, false, false, false));
    }

    [Fact]
    public void AKernelsOwnLayoutWorks()
    {
        var layout = new Reversed();
        Assert.Equal('z', layout.ConvertScanCode(0x1E, false, false, false, false, false, false)!.KeyChar);
        Assert.Null(layout.ConvertScanCode(0x1F, false, false, false, false, false, false));
    }

    [Fact]
    public void WhatAKeySendsToATerminalIsReadAsTheSameKey()
    {
        var layout = new US_Standard();
        foreach ((bool ctrl, bool shift, bool alt) in new[] { (false, false, false), (false, true, false), (false, false, true), (true, false, false) })
        {
            for (byte code = 1; code < 0x54; code++)
            {
                KeyEvent? key = layout.ConvertScanCode(code, ctrl, shift, alt, false, false, false);
                byte[] bytes = new byte[KeyBytes.Most];
                int count = key is null ? 0 : KeyBytes.Write(key, bytes);

                // The keypad's keys are those of the main block to a terminal; Escape under Alt has no sequence of its own, and [ under Alt begins one.
                if (count == 0 || code is 0x37 or 0x4A or 0x4E or 0x01 || (alt && code == 0x1A))
                {
                    continue;
                }

                var left = new Queue<byte>(bytes.Take(count));
                KeyEvent? read = TerminalKeys.Read(() => left.TryDequeue(out byte value) ? value : -1);
                Assert.Empty(left);
                Assert.True(read is not null, $"{key!.Key} {key.Modifiers}: {Convert.ToHexString(bytes, 0, count)}");
                Assert.True(key!.Key == read.Key || ctrl, $"{key.Key} {key.Modifiers} became {read.Key}");
                Assert.Equal(read.Key == ConsoleKeyEx.Tab ? '\t' : ctrl ? '\0' : key.KeyChar, read.KeyChar);
            }
        }
    }

    [Theory]
    [InlineData("\e", ConsoleKeyEx.Escape)]
    [InlineData("\e[", null)]
    [InlineData("\e[99~", null)]
    [InlineData("\e[1;", null)]
    [InlineData("\xC3", null)]
    [InlineData("\e[1;5A", ConsoleKeyEx.UpArrow)]
    [InlineData("\eOP", ConsoleKeyEx.F1)]
    [InlineData("\r", ConsoleKeyEx.Enter)]
    [InlineData("\x03", ConsoleKeyEx.C)]
    [InlineData("\x1F", ConsoleKeyEx.NoName)]
    public void TerminalsMaySendAnything(string text, ConsoleKeyEx? expected)
    {
        var left = new Queue<byte>(Encoding.Latin1.GetBytes(text));
        Assert.Equal(expected, TerminalKeys.Read(() => left.TryDequeue(out byte value) ? value : -1)?.Key);
    }

    [Fact]
    public void KeysHaveDotNetsNames()
    {
        Assert.Equal(ConsoleKey.F12, ConsoleKeyEx.F12.ToConsoleKey());
        Assert.Equal(ConsoleKey.D0, ConsoleKeyEx.D0.ToConsoleKey());
        Assert.Equal(ConsoleKey.D9, ConsoleKeyEx.D9.ToConsoleKey());
        Assert.Equal(ConsoleKey.D7, ConsoleKeyEx.Num7.ToConsoleKey());
        Assert.Equal(ConsoleKey.OemPlus, ConsoleKeyEx.NumPlus.ToConsoleKey());
        Assert.Equal(ConsoleKey.Q, ConsoleKeyEx.Q.ToConsoleKey());
        Assert.Throws<ArgumentException>(() => ConsoleKeyEx.LShift.ToConsoleKey());
    }

    [Fact]
    public void CodePagesGoBothWays()
    {
        foreach (int page in new[] { 437, 858 })
        {
            Encoding encoding = CosmosEncodingProvider.Instance.GetEncoding(page)!;
            byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
            Assert.Equal(all, encoding.GetBytes(encoding.GetString(all)));
            Assert.Equal("?"u8, encoding.GetBytes("\u4E00"));
            Assert.Equal(page, CosmosEncodingProvider.Instance.GetEncoding(encoding.BodyName)!.CodePage);
        }

        Assert.Equal(0xD5, CosmosEncodingProvider.Instance.GetEncoding(858)!.GetBytes("€")[0]);
        Assert.Null(CosmosEncodingProvider.Instance.GetEncoding(1252));
    }

    private sealed class Reversed : ScanMapBase
    {
        protected override void InitKeys()
        {
            Keys = new List<KeyMapping>(1);
            Keys.Add(new KeyMapping(0x1E, 'z', ConsoleKeyEx.Z));
        }
    }
}
