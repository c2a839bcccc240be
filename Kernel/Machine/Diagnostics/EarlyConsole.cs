using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// Text output that needs nothing: the first serial port, polled, and port 0xE9 where an emulator has it. No lock, no allocation, no interrupt: for boot and for panics.
/// Once drivers run, the kernel log goes to the console instead. May be called from any context.
/// </summary>
[Immutable]
public static class EarlyConsole
{
    private const ushort Port = 0x3F8;
    private const ushort DebugPort = 0xE9;

    private static bool s_hasSerial;
    private static bool s_hasDebugPort;

    /// <summary>Programs COM1 for 115200 baud, 8N1 (National Semiconductor PC16550D data sheet), if the scratch register answers.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        Ports.Out8(Port + 7, 0x5A);
        s_hasSerial = Ports.In8(Port + 7) == 0x5A;
        s_hasDebugPort = Ports.In8(DebugPort) == 0xE9;
        if (!s_hasSerial)
        {
            return;
        }

        Ports.Out8(Port + 1, 0);
        Ports.Out8(Port + 3, 0x80);
        Ports.Out8(Port, 1);
        Ports.Out8(Port + 1, 0);
        Ports.Out8(Port + 3, 3);
        Ports.Out8(Port + 2, 0xC7);
        Ports.Out8(Port + 4, 0x0B);
    }

    /// <summary>Writes text, UTF-8; a line feed becomes carriage return and line feed.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (b == (byte)'\n')
            {
                WriteByte((byte)'\r');
            }

            WriteByte(b);
        }
    }

    /// <summary>Writes text and a line feed.</summary>
    public static void WriteLine(ReadOnlySpan<byte> text)
    {
        Write(text);
        Write("\n"u8);
    }

    /// <summary>Writes a number in hexadecimal, with all <paramref name="digits"/> digits.</summary>
    public static void WriteHex(ulong value, int digits = 16)
    {
        for (int i = digits - 1; i >= 0; i--)
        {
            int digit = (int)(value >> (4 * i)) & 15;
            WriteByte((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    /// <summary>Writes a number in decimal.</summary>
    public static void WriteDecimal(ulong value)
    {
        ulong divisor = 1;
        while (value / divisor >= 10)
        {
            divisor *= 10;
        }

        for (; divisor != 0; divisor /= 10)
        {
            WriteByte((byte)('0' + (value / divisor % 10)));
        }
    }

    /// <summary>Waits until the last byte has left the transmitter.</summary>
    public static void Flush()
    {
        for (int i = 0; s_hasSerial && i < 1_000_000 && (Ports.In8(Port + 5) & 0x40) == 0; i++)
        {
            CpuInstructions.Pause();
        }
    }

    private static void WriteByte(byte value)
    {
        PanicOutput.WriteToAll(value);
        if (s_hasDebugPort && value != (byte)'\r')
        {
            Ports.Out8(DebugPort, value);
        }

        if (!s_hasSerial)
        {
            return;
        }

        // A transmitter that never gets ready (no cable, broken emulation) must not stop the kernel.
        for (int i = 0; i < 1_000_000 && (Ports.In8(Port + 5) & 0x20) == 0; i++)
        {
            CpuInstructions.Pause();
        }

        Ports.Out8(Port, value);
    }
}
