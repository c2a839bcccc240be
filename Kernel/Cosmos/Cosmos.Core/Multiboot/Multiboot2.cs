using CosmosKernel.Machine.Boot;

namespace Cosmos.Core.Multiboot;

/// <summary>What the boot loader said. Any task.</summary>
public static class Multiboot2
{
    private const ulong BytesPerKibibyte = 1024;
    private const ulong Mebibyte = 1024 * 1024;

    /// <summary>Whether it left a screen of pixels.</summary>
    public static bool IsVBEAvailable => BootInformation.Screen.Kind == ScreenKind.Framebuffer;

    /// <summary>Nothing is left to do.</summary>
    public static void Init()
    {
    }

    /// <summary>Whether it described the memory: it did.</summary>
    public static bool MemoryMapExists() => FirmwareMemoryMap.Count > 0;

    /// <summary>Memory below 1 MiB, in kibibytes.</summary>
    public static uint GetMemLower() => UsableBetween(0, Mebibyte);

    /// <summary>Memory from 1 MiB to the first hole, in kibibytes.</summary>
    public static uint GetMemUpper()
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable && range.Start <= Mebibyte && range.End > Mebibyte)
            {
                return (uint)((range.End - Mebibyte) / BytesPerKibibyte);
            }
        }

        return 0;
    }

    private static uint UsableBetween(ulong first, ulong end)
    {
        ulong bytes = 0;
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable && range.Start < end && range.End > first)
            {
                bytes += ulong.Min(range.End, end) - ulong.Max(range.Start, first);
            }
        }

        return (uint)(bytes / BytesPerKibibyte);
    }
}
