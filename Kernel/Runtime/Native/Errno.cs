using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Runtime.Threading;

namespace CosmosKernel.Runtime.Native;

/// <summary>Error numbers, as Linux x86-64 numbers them (errno(3)), and the running thread's errno.</summary>
internal static unsafe class Errno
{
    public const int NoEntry = 2;
    public const int BadDescriptor = 9;
    public const int NoMemory = 12;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int NotATerminal = 25;
    public const int IllegalSeek = 29;
    public const int Range = 34;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int NotSupported = 95;

    // CoreLib's numbers (Interop.Error) are this plus the rank in the table's order; unknown numbers are this alone.
    private const int FirstPal = 0x1_0000;
    private const int NonStandard = 0x1_FFFF;

    /// <summary>The running thread's error number.</summary>
    public static int Current
    {
        get => ThreadState.Current->LastError;
        set => ThreadState.Current->LastError = value;
    }

    /// <summary>Sets the error number and returns -1, as a failed call does.</summary>
    public static int Fail(int error)
    {
        Current = error;
        return -1;
    }

    // Pairs of a Linux number and CoreLib's number less 0x10000 (CoreLib's Interop.Error). EOPNOTSUPP and EWOULDBLOCK are one with ENOTSUP and EAGAIN.
    private static ReadOnlySpan<byte> Pairs =>
    [
        7, 1, 13, 2, 98, 3, 99, 4, 97, 5, 11, 6, 114, 7, 9, 8, 74, 9, 16, 10, 125, 11, 10, 12, 103, 13, 111, 14, 104, 15, 35, 16,
        89, 17, 33, 18, 122, 19, 17, 20, 14, 21, 27, 22, 113, 23, 43, 24, 84, 25, 115, 26, 4, 27, 22, 28, 5, 29, 106, 30, 21, 31, 40, 32,
        24, 33, 31, 34, 90, 35, 72, 36, 36, 37, 100, 38, 102, 39, 101, 40, 23, 41, 105, 42, 19, 44, 2, 45, 8, 46, 37, 47, 67, 48, 12, 49,
        42, 50, 92, 51, 28, 52, 38, 55, 107, 56, 20, 57, 39, 58, 131, 59, 88, 60, 95, 61, 25, 62, 6, 63, 75, 64, 130, 65, 1, 66, 32, 67,
        71, 68, 93, 69, 91, 70, 34, 71, 30, 72, 29, 73, 3, 74, 116, 75, 110, 77, 26, 78, 18, 79, 94, 94, 96, 96, 108, 108, 112, 112, 61, 113,
    ];

    [RuntimeExport("SystemNative_GetErrNo")]
    private static int GetErrNo() => Current;

    [RuntimeExport("SystemNative_SetErrNo")]
    private static void SetErrNo(int error) => Current = error;

    [RuntimeExport("SystemNative_ConvertErrorPlatformToPal")]
    private static int PlatformToPal(int error)
    {
        if (error == 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> pairs = Pairs;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] == error)
            {
                return FirstPal + pairs[i + 1];
            }
        }

        return NonStandard;
    }

    [RuntimeExport("SystemNative_ConvertErrorPalToPlatform")]
    private static int PalToPlatform(int error)
    {
        if (error == 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> pairs = Pairs;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (FirstPal + pairs[i + 1] == error)
            {
                return pairs[i];
            }
        }

        return -1;
    }

    [RuntimeExport("SystemNative_StrErrorR")]
    private static byte* Describe(int error, byte* buffer, int size)
    {
        ReadOnlySpan<byte> text = Text(error);
        if (text.Length + 1 > size)
        {
            return null;
        }

        text.CopyTo(new Span<byte>(buffer, size));
        buffer[text.Length] = 0;
        return buffer;
    }

    private static ReadOnlySpan<byte> Text(int error) => error switch
    {
        0 => "Success"u8,
        1 => "Operation not permitted"u8,
        2 => "No such file or directory"u8,
        4 => "Interrupted"u8,
        5 => "Input or output error"u8,
        9 => "Bad file descriptor"u8,
        11 => "Try again"u8,
        12 => "Out of memory"u8,
        13 => "Permission denied"u8,
        14 => "Bad address"u8,
        16 => "Busy"u8,
        17 => "File exists"u8,
        20 => "Not a directory"u8,
        21 => "Is a directory"u8,
        22 => "Invalid argument"u8,
        24 => "Too many open files"u8,
        25 => "Not a terminal"u8,
        28 => "No space left"u8,
        29 => "Cannot seek"u8,
        30 => "Read-only file system"u8,
        32 => "Broken pipe"u8,
        34 => "Result out of range"u8,
        36 => "Name too long"u8,
        38 => "Not implemented by this kernel"u8,
        39 => "Directory not empty"u8,
        40 => "Too many symbolic links"u8,
        95 => "Not supported"u8,
        110 => "Timed out"u8,
        _ => "Unknown error"u8,
    };
}
