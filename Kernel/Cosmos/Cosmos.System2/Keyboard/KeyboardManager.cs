using System;
using System.Collections.Generic;
using Cosmos.HAL.Input;
using Cosmos.System.ScanMaps;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;

namespace Cosmos.System;

/// <summary>
/// The keyboard: what was typed, in order, and which keys are down. It and <c>System.Console</c> take from the same queue, so a key is read once, by whoever reads first; keys that
/// came over a serial console are here too, decoded as those of a United States keyboard. Task context.
/// </summary>
public static class KeyboardManager
{
    private const ulong LookNanoseconds = 20_000_000;
    private const int MostKeys = 1024;

    private static readonly object s_lock = new();

    // Keys of the keyboards. The bytes of each are in the console's input, where its place says.
    [GuardedBy(nameof(s_lock))]
    private static readonly Queue<TypedKey> s_keys = new();

    [Atomic]
    private static volatile ScanMapBase s_layout = LayoutOfBootOption();

    [Atomic]
    private static volatile bool s_rightAlt;

    /// <summary>Whether Num Lock is on: the keypad types digits. On at first.</summary>
    [Atomic]
    public static bool NumLock { get; set; } = true;

    /// <summary>Whether Caps Lock is on.</summary>
    [Atomic]
    public static bool CapsLock { get; set; }

    /// <summary>Whether Scroll Lock is on.</summary>
    [Atomic]
    public static bool ScrollLock { get; set; }

    /// <summary>Whether a Ctrl key is down.</summary>
    [Atomic]
    public static bool ControlPressed { get; set; }

    /// <summary>Whether a Shift key is down.</summary>
    [Atomic]
    public static bool ShiftPressed { get; set; }

    /// <summary>Whether an Alt key is down.</summary>
    [Atomic]
    public static bool AltPressed { get; set; }

    /// <summary>Whether <see cref="ReadKey"/> would return at once.</summary>
    [MightSleep]
    public static bool KeyAvailable
    {
        get
        {
            lock (s_lock)
            {
                DropTaken();
                return s_keys.Count > 0 || KernelConsole.Input.HasData;
            }
        }
    }

    /// <summary>What a scan code would type now.</summary>
    /// <returns>False when the layout has no such key.</returns>
    public static bool GetKey(byte scanCode, out KeyEvent keyInfo)
    {
        KeyEvent? key = s_layout.ConvertScanCode(scanCode, ControlPressed, ShiftPressed, AltPressed, NumLock, CapsLock, ScrollLock);
        keyInfo = key ?? new KeyEvent();
        return key is not null;
    }

    /// <summary>Takes the next key if there is one.</summary>
    /// <param name="key">The key; null when there is none.</param>
    [MightSleep]
    public static bool TryReadKey(out KeyEvent key)
    {
        lock (s_lock)
        {
            DropTaken();
            while (s_keys.TryPeek(out TypedKey typed) && KernelConsole.Input.Position == typed.Position)
            {
                s_keys.Dequeue();
                if (KernelConsole.Input.TryTake(typed.Position, typed.Length))
                {
                    key = typed.Key;
                    return true;
                }
            }

            // What comes before the next key of a keyboard was typed at a terminal.
            KeyEvent? other = KernelConsole.Input.HasData ? TerminalKeys.Read(NextByte) : null;
            key = other!;
            return other is not null;
        }
    }

    /// <summary>Takes the next key, waiting for it. The calling task sleeps and others run.</summary>
    [MightSleep]
    public static KeyEvent ReadKey()
    {
        KeyEvent key;
        while (!TryReadKey(out key))
        {
            // Keys that say nothing to a terminal wake nobody, so it looks again now and then.
            KernelConsole.Input.WaitForData(Clock.MonotonicNanoseconds + LookNanoseconds);
        }

        return key;
    }

    /// <summary>The layout. At first that of the boot option <c>keyboard.layout</c> (de, fr), else the United States'.</summary>
    public static ScanMapBase GetKeyLayout() => s_layout;

    /// <summary>Sets the layout, of the console too.</summary>
    /// <param name="scanMap">The new one; null changes nothing.</param>
    public static void SetKeyLayout(ScanMapBase scanMap)
    {
        if (scanMap is not null)
        {
            s_layout = scanMap;
        }
    }

    /// <summary>Takes the keyboards over from the console. Task context.</summary>
    [MightSleep]
    internal static void Start()
    {
        InputService.Keyboard.KeyChanged = Take;
        InputService.Keyboard.LightsChanged = SetLights;
        InputService.Start();
        SetLights();
    }

    /// <summary>Takes a key of a keyboard. The task that serves them.</summary>
    /// <param name="scanCode">Scan code of set 1.</param>
    /// <param name="extended">Whether it is an extended key.</param>
    /// <param name="released">Whether it was released.</param>
    [MightSleep]
    internal static void Take(byte scanCode, bool extended, bool released)
    {
        ScanMapBase layout = s_layout;
        if (TakeModifier(layout, scanCode, extended, released) || released)
        {
            return;
        }

        KeyEvent? key = Convert(layout, scanCode, extended);
        if (key is null)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[KeyBytes.Most];
        int length = KeyBytes.Write(key, bytes);
        lock (s_lock)
        {
            DropTaken();
            if (s_keys.Count == MostKeys)
            {
                return;
            }

            // A key that says nothing has a place too. When the console has no room it is lost, as any other.
            long position = KernelConsole.Input.Add(bytes[..length]);
            if (position >= 0)
            {
                s_keys.Enqueue(new TypedKey(position, length, key));
            }
        }
    }

    private static KeyEvent? Convert(ScanMapBase layout, byte scanCode, bool extended)
    {
        // The keypad's slash and the key Print Screen have the codes of others; the grey block is no keypad.
        if (extended && scanCode is (0x35 or 0x37))
        {
            return scanCode == 0x35 ? Pressed('/', ConsoleKeyEx.NumDivide) : Pressed('\0', ConsoleKeyEx.PrintScreen);
        }

        bool isAltGr = s_rightAlt && layout.Find(scanCode) is { ControlAlt: not '\0' };
        return layout.ConvertScanCode(scanCode, ControlPressed || isAltGr, ShiftPressed, AltPressed, NumLock && !extended, CapsLock, ScrollLock);
    }

    private static KeyEvent Pressed(char character, ConsoleKeyEx key) => new(character, key, ShiftPressed, AltPressed, ControlPressed, KeyEvent.KeyEventType.Make);

    private static bool TakeModifier(ScanMapBase layout, byte scanCode, bool extended, bool released)
    {
        if (Is(ConsoleKeyEx.CapsLock))
        {
            CapsLock = CapsLock != !released;
        }
        else if (!extended && Is(ConsoleKeyEx.NumLock))
        {
            NumLock = NumLock != !released;
        }
        else if (!extended && Is(ConsoleKeyEx.ScrollLock))
        {
            ScrollLock = ScrollLock != !released;
        }
        else if (Is(ConsoleKeyEx.LCtrl) || Is(ConsoleKeyEx.RCtrl))
        {
            ControlPressed = !released;
            return true;
        }
        else if (!extended && (Is(ConsoleKeyEx.LShift) || Is(ConsoleKeyEx.RShift)))
        {
            ShiftPressed = !released;
            return true;
        }
        else if (Is(ConsoleKeyEx.LAlt) || Is(ConsoleKeyEx.RAlt))
        {
            AltPressed = !released;
            s_rightAlt = extended && !released;
            return true;
        }
        else
        {
            return false;
        }

        SetLights();
        return true;

        bool Is(ConsoleKeyEx key) => layout.ScanCodeMatchesKey(scanCode, key);
    }

    [MightSleep]
    private static void SetLights() => InputService.Keyboard.SetLeds(NumLock, CapsLock, ScrollLock);

    // Those whose bytes the console has read, or that came before bytes that it has read.
    [RequiresLock(nameof(s_lock))]
    private static void DropTaken()
    {
        while (s_keys.TryPeek(out TypedKey typed) && typed.Position < KernelConsole.Input.Position)
        {
            s_keys.Dequeue();
        }
    }

    [MightSleep]
    private static int NextByte()
    {
        const ulong LongestGap = 20_000_000;
        return KernelConsole.Input.Read(out byte value, Clock.MonotonicNanoseconds + LongestGap) ? value : -1;
    }

    private static ScanMapBase LayoutOfBootOption()
    {
        _ = KernelOptions.TryGet("keyboard.layout", out string name);
        return name switch
        {
            "de" => new DE_Standard(),
            "fr" => new FR_Standard(),
            _ => new US_Standard(),
        };
    }

    private readonly record struct TypedKey(long Position, int Length, KeyEvent Key);
}
