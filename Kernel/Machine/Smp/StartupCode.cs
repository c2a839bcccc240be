using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// The real-mode code with which a CPU starts, and the page below 640 KiB that it is copied to. The frame allocator never gets memory below 1 MiB, so
/// the page stays what it is.
/// </summary>
internal static unsafe class StartupCode
{
    private const ulong PageBytes = 4096;

    // Below lie the interrupt vectors and firmware's data; from the end on, firmware's extended data and the screen.
    private const ulong FirstCandidate = 0x8000;
    private const ulong EndOfCandidates = 0x9_0000;

    /// <summary>Copies the code to a page that firmware calls usable and that holds nothing of the boot loader's. False when there is none.</summary>
    internal static bool TryInstall(out byte page)
    {
        for (ulong candidate = FirstCandidate; candidate < EndOfCandidates; candidate += PageBytes)
        {
            if (IsUsable(candidate) && !HoldsLoaderData(candidate))
            {
                ReadOnlySpan<byte> code = new((void*)Start(), (int)(End() - Start()));
                code.CopyTo(new Span<byte>(DirectMap.ToVirtual(candidate), (int)PageBytes));
                page = (byte)(candidate / PageBytes);
                return true;
            }
        }

        page = 0;
        return false;
    }

    /// <summary>Tells the start-up code where the CPUs' entries and the kernel's page tables are.</summary>
    [RuntimeImport("StartupSetTable")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void SetTable(CpuStartup.StartupEntry* entries, uint count, ulong pageTable);

    private static bool IsUsable(ulong page)
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable && range.Start <= page && page + PageBytes <= range.End)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HoldsLoaderData(ulong page)
    {
        MemoryRange loader = BootInformation.LoaderData;
        if (loader.Start < page + PageBytes && page < loader.End)
        {
            return true;
        }

        ReadOnlySpan<byte> commandLine = BootInformation.CommandLine;
        fixed (byte* text = commandLine)
        {
            ulong start = text == null ? 0 : DirectMap.ToPhysical(text);
            return start < page + PageBytes && page <= start + (ulong)commandLine.Length;
        }
    }

    [RuntimeImport("StartupCodeStart")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong Start();

    [RuntimeImport("StartupCodeEnd")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong End();
}
