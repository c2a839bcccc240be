using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>How the screen was left by the firmware and the boot loader.</summary>
public enum ScreenKind
{
    /// <summary>Unknown or none; on a PC without UEFI, VGA text mode is there.</summary>
    None,

    /// <summary>EGA/VGA text, 80 by 25 cells at 0xB8000.</summary>
    Text,

    /// <summary>A linear framebuffer of direct colour.</summary>
    Framebuffer,
}

/// <summary>A screen as the boot loader describes it.</summary>
public struct ScreenInformation
{
    /// <summary>Text or graphics.</summary>
    public ScreenKind Kind;

    /// <summary>Physical address.</summary>
    public ulong Address;

    /// <summary>Bytes from one line to the next.</summary>
    public uint Pitch;

    /// <summary>Pixels, or cells for text.</summary>
    public uint Width;

    /// <summary>Pixels, or cells for text.</summary>
    public uint Height;

    /// <summary>Bits a pixel.</summary>
    public uint BitsPerPixel;

    /// <summary>Lowest bit of red, green and blue in a pixel.</summary>
    public byte RedShift;

    /// <summary>Lowest bit of green.</summary>
    public byte GreenShift;

    /// <summary>Lowest bit of blue.</summary>
    public byte BlueShift;
}

/// <summary>
/// What the boot loader handed over: command line, initial file system, screen, ACPI root and memory map. Read once by one CPU before
/// anything else runs, constant afterwards, so no lock guards it.
/// </summary>
[Immutable]
public static unsafe class BootInformation
{
    private static byte* s_commandLine;
    private static int s_commandLineLength;
    private static ScreenInformation s_screen;
    private static ulong s_rsdp;
    private static byte* s_loaderName;
    private static int s_loaderNameLength;

    /// <summary>The kernel's command line, UTF-8, as the boot loader passed it.</summary>
    public static ReadOnlySpan<byte> CommandLine => new(s_commandLine, s_commandLineLength);

    /// <summary>What loaded the kernel, for people to read.</summary>
    public static ReadOnlySpan<byte> LoaderName => new(s_loaderName, s_loaderNameLength);

    /// <summary>Physical start of the initial file system; 0 when there is none.</summary>
    public static ulong InitrdStart { get; private set; }

    /// <summary>Physical end of the initial file system, exclusive.</summary>
    public static ulong InitrdEnd { get; private set; }

    /// <summary>The screen.</summary>
    public static ref readonly ScreenInformation Screen => ref s_screen;

    /// <summary>Physical address of ACPI's root pointer; 0 when the loader did not say, so that it is to be searched for.</summary>
    public static ulong Rsdp => s_rsdp;

    /// <summary>Physical range of what the boot loader left in memory and is still needed.</summary>
    public static MemoryRange LoaderData { get; [BeforePublication] internal set; }

    [BeforePublication]
    internal static void SetCommandLine(ulong physical)
    {
        s_commandLine = physical == 0 ? null : (byte*)DirectMap.ToVirtual(physical);
        s_commandLineLength = LengthOf(s_commandLine);
    }

    [BeforePublication]
    internal static void SetLoaderName(byte* name)
    {
        s_loaderName = name;
        s_loaderNameLength = LengthOf(name);
    }

    [BeforePublication]
    internal static void SetInitrd(ulong start, ulong end)
    {
        InitrdStart = start;
        InitrdEnd = end;
    }

    [BeforePublication]
    internal static void SetScreen(in ScreenInformation screen) => s_screen = screen;

    [BeforePublication]
    internal static void SetRsdp(ulong physical) => s_rsdp = physical;

    private static int LengthOf(byte* text)
    {
        int length = 0;
        while (text != null && text[length] != 0)
        {
            length++;
        }

        return length;
    }
}
