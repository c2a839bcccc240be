using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// One CPU's GDT and TSS (Intel SDM vol. 3A, 3.4 and 9.7), and the interrupt table that all share. Segments: 0x08 kernel code, 0x10 kernel data, 0x1B user data, 0x23 user code
/// (in SYSRET's order), 0x28 TSS, 0x7B one whose limit tells user mode the number of the CPU (LSL), with the same selector as on Linux.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct DescriptorTables
{
    /// <summary>Selector of kernel code.</summary>
    public const ushort KernelCode = 0x08;

    /// <summary>Selector of the task-state segment.</summary>
    public const ushort TaskState = 0x28;

    /// <summary>Bytes of an interrupt stack and of each fault stack.</summary>
    public const int StackBytes = 16384;

    /// <summary>NMI, double fault, machine check, debug: the interrupt stack table's entries 1 to 4.</summary>
    public const int FaultStacks = 4;

    private const int GdtEntries = 16;
    private const int CpuNumberEntry = 15;

    private fixed ulong _gdt[GdtEntries];
    private fixed byte _tss[128];
    private ushort _gdtLimit;
    private fixed ushort _gdtBase[4];

    [Immutable]
    private static InterruptGate* s_gates;

    /// <summary>Builds and loads the tables of the CPU that runs this, with its stacks, and points GS at <paramref name="block"/>.</summary>
    /// <param name="block">The CPU's block, already known to <see cref="Cpu"/>.</param>
    /// <param name="tables">A cleared page for the tables.</param>
    public static void Load(CpuBlock* block, DescriptorTables* tables)
    {
        block->Tables = tables;
        block->InterruptStackLow = MachineArea.Stack((int)block->Index, 0);
        block->InterruptStackTop = block->InterruptStackLow + StackBytes;
        for (int i = 0; i < FaultStacks; i++)
        {
            // The word at the top lets the entry code find GS without trusting it.
            ulong top = MachineArea.Stack((int)block->Index, i + 1) + StackBytes - 16;
            *(CpuBlock**)top = block;
            block->FaultStackTop[i] = top;
            *(ulong*)(tables->_tss + 36 + (8 * i)) = top;
        }

        *(ushort*)(tables->_tss + 102) = 104;
        ulong tss = (ulong)tables->_tss;
        tables->_gdt[1] = 0x00AF_9B00_0000_FFFF;
        tables->_gdt[2] = 0x00CF_9300_0000_FFFF;
        tables->_gdt[3] = 0x00CF_F300_0000_FFFF;
        tables->_gdt[4] = 0x00AF_FB00_0000_FFFF;
        tables->_gdt[5] = 103 | ((tss & 0xFF_FFFF) << 16) | (0x89ul << 40) | (((tss >> 24) & 0xFF) << 56);
        tables->_gdt[6] = tss >> 32;

        // Data that user mode may read, by bytes: the limit is the number. The bits above 12 would be the node's, of which there is one.
        uint number = block->Index;
        tables->_gdt[CpuNumberEntry] = (number & 0xFFFF) | ((number & 0xF_0000ul) << 32) | 0x0040_F100_0000_0000;
        tables->_gdtLimit = (GdtEntries * sizeof(ulong)) - 1;
        *(ulong*)tables->_gdtBase = (ulong)tables->_gdt;

        CpuInstructions.LoadGdt(&tables->_gdtLimit);
        Msr.Write(Msr.GsBase, (ulong)block);
        Msr.Write(Msr.KernelGsBase, 0);
        CpuInstructions.LoadTaskRegister(TaskState);
        LoadInterruptTable();
    }

    /// <summary>Sets where the CPU whose tables these are begins to push when an interrupt or exception comes from user mode. That CPU, interrupts off.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="top">A multiple of 16.</param>
    internal static void SetUserEntryStack(DescriptorTables* tables, nuint top) => *(nuint*)(tables->_tss + 4) = top;

    /// <summary>Builds the interrupt table in a cleared page. Once, on the booting CPU.</summary>
    [BeforePublication]
    internal static void BuildInterruptTable(void* page)
    {
        InterruptGate* gates = (InterruptGate*)page;
        for (int vector = 0; vector < 256; vector++)
        {
            byte stack = vector switch
            {
                Vectors.Nmi => 1,
                Vectors.DoubleFault => 2,
                Vectors.MachineCheck => 3,
                Vectors.Debug => 4,
                _ => 0,
            };
            bool fromUser = vector is Vectors.Breakpoint or Vectors.Overflow;
            gates[vector].Set(StubAddress(vector), stack, fromUser);
        }

        s_gates = gates;
    }

    private static void LoadInterruptTable()
    {
        TablePointer pointer;
        pointer.Limit = (256 * 16) - 1;
        pointer.Base = (ulong)s_gates;
        CpuInstructions.LoadIdt(&pointer);
    }

    [RuntimeImport("InterruptStubAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong StubAddress(int vector);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct TablePointer
    {
        public ushort Limit;
        public ulong Base;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct InterruptGate
    {
        private ushort _offsetLow;
        private ushort _selector;
        private byte _stack;
        private byte _type;
        private ushort _offsetMiddle;
        private uint _offsetHigh;
        private uint _reserved;

        public void Set(ulong address, byte stack, bool fromUser)
        {
            _offsetLow = (ushort)address;
            _selector = KernelCode;
            _stack = stack;
            _type = fromUser ? (byte)0xEE : (byte)0x8E;
            _offsetMiddle = (ushort)(address >> 16);
            _offsetHigh = (uint)(address >> 32);
            _reserved = 0;
        }
    }
}
