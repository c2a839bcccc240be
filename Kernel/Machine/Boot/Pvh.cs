using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>Reads Xen's <c>hvm_start_info</c>, version 0 and 1 (Xen, public/arch-x86/hvm/start_info.h), which QEMU passes with <c>-kernel</c>.</summary>
internal static unsafe class Pvh
{
    /// <summary>First word of the structure.</summary>
    public const uint Magic = 0x336E_C578;

    [BeforePublication]
    public static void Read(ulong physical)
    {
        byte* info = (byte*)DirectMap.ToVirtual(physical);
        uint version = *(uint*)(info + 4);
        uint moduleCount = *(uint*)(info + 12);
        ulong moduleList = *(ulong*)(info + 16);
        BootInformation.SetCommandLine(*(ulong*)(info + 24));
        BootInformation.SetRsdp(*(ulong*)(info + 32));
        fixed (byte* name = "PVH"u8)
        {
            BootInformation.SetLoaderName(name);
        }

        ulong end = physical + 56;
        if (moduleCount > 0 && moduleList != 0)
        {
            ulong* module = (ulong*)DirectMap.ToVirtual(moduleList);
            BootInformation.SetInitrd(module[0], module[0] + module[1]);
        }

        if (version >= 1)
        {
            ulong map = *(ulong*)(info + 40);
            uint count = *(uint*)(info + 48);
            byte* first = (byte*)DirectMap.ToVirtual(map);
            FirmwareMemoryMap.SetSource(first, first + (24ul * count), 24, 0, 8, 16);
            if (map + (24ul * count) > end && map < physical + 0x10000)
            {
                end = map + (24ul * count);
            }
        }

        BootInformation.LoaderData = new MemoryRange { Start = physical & ~0xFFFul, End = (end + 0xFFF) & ~0xFFFul, Kind = MemoryKind.Reserved };
    }
}
