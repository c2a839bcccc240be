using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// The one file that CoreLib can open: the compiled terminfo entry of the kernel's console, by which <c>System.Console</c> knows how to move the
/// cursor, clear and color (format: term(5); sequences: ECMA-48). TERM names it.
/// </summary>
internal static class TerminalDescription
{
    private const short Magic = 0x11A;
    private const int NumberCount = 14;
    private const int StringCount = 361;

    // Where term(5)'s numbers and strings stand; System.Console reads these.
    private const int Columns = 0;
    private const int Lines = 2;
    private const int MaximumColors = 13;

    [Atomic]
    private static byte[]? s_file;

    /// <summary>The terminal's name, with its terminating zero.</summary>
    public static ReadOnlySpan<byte> Name => "cosmos\0"u8;

    /// <summary>The file's content.</summary>
    public static byte[] File
    {
        get
        {
            byte[]? file = Volatile.Read(ref s_file);
            if (file is null)
            {
                byte[] built = Build();
                file = Interlocked.CompareExchange(ref s_file, built, null) ?? built;
            }

            return file;
        }
    }

    /// <summary>Whether a path is the file's.</summary>
    public static bool IsPath(ReadOnlySpan<byte> path) => path.SequenceEqual("/etc/terminfo/c/cosmos"u8);

    private static (int Index, string Text)[] Strings =>
    [
        (1, "\a"), // bell
        (5, "\e[H\e[2J"), // clear
        (6, "\e[K"), // clear to the end of the line
        (10, "\e[%i%p1%d;%p2%dH"), // cursor address
        (13, "\e[?25l"), // cursor invisible
        (14, "\b"), // cursor left
        (16, "\e[?25h"), // cursor visible
        (55, "\x7f"), // backspace key
        (297, "\e[39;49m"), // original colors
        (359, "\e[%?%p1%{8}%<%t3%p1%d%e9%p1%{8}%-%d%;m"), // foreground
        (360, "\e[%?%p1%{8}%<%t4%p1%d%e10%p1%{8}%-%d%;m"), // background
    ];

    private static byte[] Build()
    {
        byte[] names = Encoding.ASCII.GetBytes("cosmos|CosmosKernel console\0");
        var table = new List<byte>();
        short[] offsets = new short[StringCount];
        Array.Fill(offsets, (short)-1);
        foreach ((int index, string text) in Strings)
        {
            offsets[index] = (short)table.Count;
            table.AddRange(Encoding.ASCII.GetBytes(text));
            table.Add(0);
        }

        short[] numbers = new short[NumberCount];
        Array.Fill(numbers, (short)-1);
        numbers[Columns] = 80;
        numbers[Lines] = 25;
        numbers[MaximumColors] = 16;

        var file = new List<byte>();
        Add(file, [Magic, (short)names.Length, 0, NumberCount, StringCount, (short)table.Count]);
        file.AddRange(names);
        if (names.Length % 2 != 0)
        {
            file.Add(0);
        }

        Add(file, numbers);
        Add(file, offsets);
        file.AddRange(table);
        return [.. file];
    }

    private static void Add(List<byte> file, ReadOnlySpan<short> values)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (short value in values)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes, value);
            file.AddRange(bytes);
        }
    }
}
