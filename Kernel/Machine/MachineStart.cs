using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine;

/// <summary>
/// The first C# code: from the boot loader's hand-over to a CPU with its own tables, stacks and page tables. Runs once, on the booting CPU, with
/// interrupts off, before there is a heap: no allocation, no class constructor, no cast, no exception.
/// </summary>
public static unsafe class MachineStart
{
    [Immutable]
    private static ulong s_startTicks;

    [Protocol("The block of the only CPU, reached through GS, from its first lock until its real block is loaded; never touched after.")]
    private static CpuBlock s_earlyBlock;

    /// <summary>TSC at the first C# instruction, in ticks.</summary>
    public static ulong StartTicks => s_startTicks;

    /// <summary>Brings the booting CPU up.</summary>
    /// <param name="loaderMagic">What EAX held at the entry; <see cref="Multiboot2.Magic"/> for Multiboot2, otherwise PVH.</param>
    /// <param name="information">Physical address of the boot loader's information.</param>
    [BeforePublication]
    public static void Initialize(uint loaderMagic, ulong information)
    {
        s_startTicks = CpuInstructions.ReadTsc();
        EarlyConsole.Initialize();
        SymbolTable.Initialize(ImageLayout.SymbolsStart, ImageLayout.SymbolsLength);
        Cpu.VerifyLayout();

        // Locks count preemption through GS, so a block must be there before the first lock; the real one follows when there are frames.
        fixed (CpuBlock* early = &s_earlyBlock)
        {
            early->Self = early;
            early->PreemptCount = 1;
            early->SpinToken = 1;
            Msr.Write(Msr.GsBase, (ulong)early);
        }

        ReadBootInformation(loaderMagic, information);
        EarlyFrames.Initialize(1ul << 32);
        FirmwareMemoryMap.Build(DirectMap.ToVirtual(EarlyFrames.Allocate((FirmwareMemoryMap.StorageBytes + 4095) >> 12)));
        PageTables.Initialize();

        DescriptorTables.BuildInterruptTable(DirectMap.ToVirtual(EarlyFrames.Allocate(1)));
        var block = (CpuBlock*)DirectMap.ToVirtual(EarlyFrames.Allocate(1));
        Cpu.Add(block);
        block->PreemptCount = 1;
        block->ApicId = CpuId.InitialApicId;
        if (!MachineArea.MapStacks(0, &AllocateEarly))
        {
            Panic.Now("The interrupt stacks could not be mapped"u8);
        }

        block->CurrentThread = BootThread.Create();
        Locking.LockValidator.PrepareBootThread(block->CurrentThread);
        DescriptorTables.Load(block, (DescriptorTables*)DirectMap.ToVirtual(EarlyFrames.Allocate(1)));
        UserMode.UserModeCpu.Initialize();
        block->Online = 1;
    }

    [BeforePublication]
    private static ulong AllocateEarly() => EarlyFrames.Allocate(1);

    [BeforePublication]
    private static void ReadBootInformation(uint loaderMagic, ulong information)
    {
        if (loaderMagic == Multiboot2.Magic)
        {
            Multiboot2.Read(information);
        }
        else if (*(uint*)DirectMap.ToVirtual(information) == Pvh.Magic)
        {
            Pvh.Read(information);
        }
        else
        {
            Panic.Now("The boot loader is neither Multiboot2 nor PVH"u8);
        }

        if (!FirmwareMemoryMap.HasSource)
        {
            Panic.Now("The boot loader passed no memory map"u8);
        }
    }
}
