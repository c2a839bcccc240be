using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>Reads the information structure of the Multiboot2 specification 2.0, section 3.6, which GRUB passes on BIOS and UEFI.</summary>
internal static unsafe class Multiboot2
{
    /// <summary>What the loader leaves in EAX.</summary>
    public const uint Magic = 0x36D7_6289;

    private const uint TagEnd = 0;
    private const uint TagCommandLine = 1;
    private const uint TagLoaderName = 2;
    private const uint TagModule = 3;
    private const uint TagMemoryMap = 6;
    private const uint TagFramebuffer = 8;
    private const uint TagAcpiOld = 14;
    private const uint TagAcpiNew = 15;

    [BeforePublication]
    public static void Read(ulong physical)
    {
        byte* start = (byte*)DirectMap.ToVirtual(physical);
        uint total = *(uint*)start;
        BootInformation.LoaderData = new MemoryRange { Start = physical, End = physical + total, Kind = MemoryKind.Reserved };

        byte* end = start + total;
        for (byte* tag = start + 8; tag + 8 <= end; tag += (Size(tag) + 7) & ~7u)
        {
            uint type = *(uint*)tag;
            if (type == TagEnd || Size(tag) < 8)
            {
                break;
            }

            ulong tagPhysical = physical + (ulong)(tag - start);
            switch (type)
            {
                case TagCommandLine:
                    BootInformation.SetCommandLine(tagPhysical + 8);
                    break;
                case TagLoaderName:
                    BootInformation.SetLoaderName(tag + 8);
                    break;
                case TagModule:
                    BootInformation.SetInitrd(*(uint*)(tag + 8), *(uint*)(tag + 12));
                    break;
                case TagMemoryMap:
                    FirmwareMemoryMap.SetSource(tag + 16, tag + Size(tag), *(uint*)(tag + 8), 0, 8, 16);
                    break;
                case TagFramebuffer:
                    ReadFramebuffer(tag);
                    break;
                case TagAcpiOld when BootInformation.Rsdp == 0:
                case TagAcpiNew:
                    BootInformation.SetRsdp(tagPhysical + 8);
                    break;
            }
        }
    }

    private static uint Size(byte* tag) => *(uint*)(tag + 4);

    [BeforePublication]
    private static void ReadFramebuffer(byte* tag)
    {
        ScreenInformation screen = default;
        screen.Address = *(ulong*)(tag + 8);
        screen.Pitch = *(uint*)(tag + 16);
        screen.Width = *(uint*)(tag + 20);
        screen.Height = *(uint*)(tag + 24);
        screen.BitsPerPixel = tag[28];
        byte type = tag[29];
        if (type == 1)
        {
            screen.Kind = ScreenKind.Framebuffer;
            screen.RedShift = tag[32];
            screen.GreenShift = tag[34];
            screen.BlueShift = tag[36];
        }
        else if (type == 2)
        {
            screen.Kind = ScreenKind.Text;
        }

        BootInformation.SetScreen(in screen);
    }
}
