using System;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// The terminal settings that <c>System.Console</c> asks for. What the terminal can do, <see cref="TerminalDescription"/> tells it.
/// </summary>
internal static unsafe class Terminal
{
    private const byte Disabled = 0;

    // Tenths of a second. CoreLib waits 10 s for a terminal to tell where its cursor is; one at the end of a serial line answers at once,
    // and a screen does not answer at all.
    private const byte LongestTimeout = 3;

    // Settings of the terminal, so of all its readers; CoreLib changes them under its input lock, and a reader that does not take it sees either.
    [Atomic]
    private static bool s_waits = true;

    [Atomic]
    private static int s_timeout;

    [RuntimeExport("SystemNative_InitializeTerminalAndSignalHandling")]
    private static int Initialize() => 1;

    [RuntimeExport("SystemNative_SetKeypadXmit")]
    private static void SetKeypad(nint descriptor, byte* text) => _ = StandardStreams.Write(descriptor, CString.AsSpan(text));

    // Called when the program is stopped and continued: that does not happen to a kernel.
    [RuntimeExport("SystemNative_SetTerminalInvalidationHandler")]
    private static void SetInvalidationHandler(nint handler)
    {
    }

    [RuntimeExport("SystemNative_GetWindowSize")]
    private static int GetWindowSize(nint descriptor, WindowSize* size)
    {
        *size = default;
        if (ConsoleDevice.Instance is not { } device || StandardStreams.Original(descriptor) < 0)
        {
            return Errno.Fail(Errno.NotATerminal);
        }

        (size->Columns, size->Rows) = device.Size;
        return size->Columns != 0 ? 0 : Errno.Fail(Errno.NotATerminal);
    }

    [RuntimeExport("SystemNative_GetControlCharacters")]
    private static void GetControlCharacters(int* names, byte* values, int count, byte* disabled)
    {
        *disabled = Disabled;
        for (int i = 0; i < count; i++)
        {
            // By CoreLib's ControlCharacterNames: interrupt, quit, erase, kill, end of file; the others are off.
            values[i] = names[i] switch
            {
                0 => 0x03,
                1 => 0x1C,
                2 => 0x7F,
                3 => 0x15,
                4 => 0x04,
                _ => Disabled,
            };
        }
    }

    // Between these two calls the terminal is raw (termios(3), MIN and TIME): a read waits for `minimum` bytes, or with 0 for tenths of a second.
    [RuntimeExport("SystemNative_InitializeConsoleBeforeRead")]
    private static void BeforeRead(byte minimum, byte timeout)
    {
        // The time first: a reader that is not to wait for ever knows how long.
        int limited = timeout < LongestTimeout ? timeout : LongestTimeout;
        Volatile.Write(ref s_timeout, limited);
        Volatile.Write(ref s_waits, minimum != 0);
        if (ConsoleDevice.Instance is { } device)
        {
            device.Raw = true;
        }
    }

    [RuntimeExport("SystemNative_UninitializeConsoleAfterRead")]
    private static void AfterRead()
    {
        Volatile.Write(ref s_waits, true);
        if (ConsoleDevice.Instance is { } device)
        {
            device.Raw = false;
        }
    }

    /// <summary>Waits as long as the terminal's settings say. False if nothing was typed in that time.</summary>
    public static bool WaitForInput(ConsoleDevice device)
    {
        if (Volatile.Read(ref s_waits))
        {
            return true;
        }

        long end = Environment.TickCount64 + (Volatile.Read(ref s_timeout) * 100);
        while (!device.HasInput)
        {
            if (Environment.TickCount64 >= end)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }

    [RuntimeExport("SystemNative_GetSignalForBreak")]
    private static int GetSignalForBreak() => 0;

    [RuntimeExport("SystemNative_SetSignalForBreak")]
    private static int SetSignalForBreak(int signal) => signal == 0 ? 1 : 0;

    // Signals: none arrive in the kernel. Registering one is refused with EINVAL.
    [RuntimeExport("SystemNative_SetPosixSignalHandler")]
    private static void SetSignalHandler(nint handler)
    {
    }

    [RuntimeExport("SystemNative_EnablePosixSignalHandling")]
    private static int EnableSignal(int signal)
    {
        Errno.Current = Errno.Invalid;
        return 0;
    }

    [RuntimeExport("SystemNative_DisablePosixSignalHandling")]
    private static void DisableSignal(int signal)
    {
    }

    [RuntimeExport("SystemNative_HandleNonCanceledPosixSignal")]
    private static void HandleSignal(int signal)
    {
    }

    [RuntimeExport("SystemNative_GetPlatformSignalNumber")]
    private static int SignalNumber(int signal) => signal switch
    {
        // CoreLib's PosixSignal to Linux's numbers (signal(7)).
        -1 => 1,
        -2 => 2,
        -3 => 3,
        -4 => 15,
        -5 => 17,
        -6 => 18,
        -7 => 28,
        -8 => 21,
        -9 => 22,
        -10 => 20,
        > 0 and <= 64 => signal,
        _ => 0,
    };

    // Formats of terminfo strings with widths and precisions; the kernel's terminal has none.
    [RuntimeExport("SystemNative_SNPrintF_1S")]
    private static int FormatString(byte* buffer, int size, byte* format, byte* argument) => Errno.Fail(Errno.NotImplemented);

    [RuntimeExport("SystemNative_SNPrintF_1I")]
    private static int FormatNumber(byte* buffer, int size, byte* format, int argument) => Errno.Fail(Errno.NotImplemented);

    // As TIOCGWINSZ gives it (ioctl_tty(2)), with the size in pixels unknown.
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct WindowSize
    {
        [FieldOffset(0)]
        public ushort Rows;

        [FieldOffset(2)]
        public ushort Columns;
    }
}
