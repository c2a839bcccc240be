using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Runtime.Modules;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The roots outside the heap's tables: the registers of stopped CPUs, per-CPU references, and of every thread its block and its stack. Words on stacks
/// and in registers are taken for pointers when they look like one. World stopped.
/// </summary>
/// <remarks>
/// A thread is running when a CPU names it as current. Its stack is scanned from that CPU's stack pointer, or, when the CPU is on another stack, from
/// where an interrupt left it, or whole. All others are scanned from where the switch saved the stack pointer: the switch saves it before it leaves the stack, and
/// names the new thread after it has reached the new stack, so at each instruction in between both stacks are covered.
/// <para>A CPU that was stopped in user mode, or between there and the kernel's stack, has user values in its registers and perhaps in its stack pointer: nothing of them is looked at. The kernel's stack
/// is scanned from where the thread left it.</para>
/// </remarks>
internal static unsafe class HeapRoots
{
    // The general registers come first in a frame; the vector registers lie at 160 in an FXSAVE area (Intel SDM vol. 1, 10.5.1).
    private const int GeneralRegisters = 15;
    private const int VectorRegistersOffset = 160;
    private const int VectorRegistersBytes = 256;
    private const int UserMode = 3;

    [Protocol(CollectorProtocol.WorldStopped)]
    private static nuint s_ownStackPointer;

    /// <summary>Marks them all.</summary>
    /// <param name="stackPointer">Where this thread's stack is to be scanned from, with the registers above it; 0 for all of it.</param>
    public static void Mark(nuint stackPointer)
    {
        if (stackPointer == 0)
        {
            WithRegistersOnStack();
        }
        else
        {
            MarkFrom(stackPointer);
        }
    }

    /// <summary>Called by X# after it has put the registers that a callee keeps on the stack.</summary>
    [RuntimeExport("HeapMarkRoots")]
    private static void MarkFrom(nuint stackPointer)
    {
        s_ownStackPointer = stackPointer;
        for (int i = 0; i < Cpu.Count; i++)
        {
            ModuleReach.SetThread(0);
            MarkCpu(Cpu.Get(i));
        }

        for (ThreadBlock* thread = ThreadList.First; thread != null; thread = thread->Next)
        {
            MarkThread(thread);
        }
    }

    /// <summary>Adds to the running thread's chain of registrations.</summary>
    public static void Register(FrameRegistration* frame)
    {
        ThreadBlock* thread = CurrentThread();
        frame->Previous = (FrameRegistration*)thread->ReportedFrames;

        // One store makes it known, so that the chain is whole at every instruction.
        Volatile.Write(ref *(nuint*)&thread->ReportedFrames, (nuint)frame);
    }

    /// <summary>Takes the newest registration off the chain.</summary>
    public static void Unregister(FrameRegistration* frame) => CurrentThread()->ReportedFrames = frame->Previous;

    private static void MarkCpu(CpuBlock* cpu)
    {
        MarkSlot(cpu->Scheduler);
        nuint stackPointer = StackPointer(cpu);
        if (cpu->StoppedFrame != 0 && !HasUserRegisters(cpu))
        {
            MarkRange(cpu->StoppedFrame, GeneralRegisters * 8);
            MarkRange((nuint)InterruptFrame.VectorState((InterruptFrame*)cpu->StoppedFrame) + VectorRegistersOffset, VectorRegistersBytes);
        }

        MarkIfInside(stackPointer, cpu->InterruptStackLow, cpu->InterruptStackTop);
        for (int i = 0; i < DescriptorTables.FaultStacks; i++)
        {
            nuint top = (nuint)cpu->FaultStackTop[i];
            MarkIfInside(stackPointer, top - DescriptorTables.StackBytes, top);
        }

        if (cpu->CurrentThread != null)
        {
            MarkRunningStack(cpu, cpu->CurrentThread, stackPointer);
        }
    }

    private static void MarkRunningStack(CpuBlock* cpu, ThreadBlock* thread, nuint stackPointer)
    {
        nuint low = thread->StackLow;
        if (stackPointer >= thread->StackLow && stackPointer <= thread->StackHigh)
        {
            low = stackPointer;
        }
        else if (cpu->InterruptedRsp >= thread->StackLow && cpu->InterruptedRsp <= thread->StackHigh)
        {
            low = cpu->InterruptedRsp;
        }
        else
        {
            nuint kernelStackPointer = UserContext.KernelStackPointer(thread);
            low = kernelStackPointer != 0 ? kernelStackPointer : low;
        }

        ModuleReach.SetThread(thread->Id);
        Scan(low, thread->StackHigh);
    }

    private static void MarkThread(ThreadBlock* thread)
    {
        ModuleReach.SetThread(thread->Id);
        MarkSlot(thread->Owner);
        MarkSlot(thread->ThreadStatics);
        for (FrameRegistration* frame = (FrameRegistration*)thread->ReportedFrames; frame != null; frame = frame->Previous)
        {
            for (uint i = 0; i < frame->Count; i++)
            {
                Marker.MarkConservatively(frame->Reference(i));
                ModuleReach.Look(frame->Reference(i));
            }
        }

        if (!IsRunning(thread) && thread->Rsp >= thread->StackLow && thread->Rsp <= thread->StackHigh)
        {
            Scan(thread->Rsp, thread->StackHigh);
        }
    }

    private static bool IsRunning(ThreadBlock* thread)
    {
        for (int i = 0; i < Cpu.Count; i++)
        {
            if (Cpu.Get(i)->CurrentThread == thread)
            {
                return true;
            }
        }

        return false;
    }

    // 0: not known, or a value that user code may have chosen.
    private static nuint StackPointer(CpuBlock* cpu)
    {
        if (cpu == Cpu.Current)
        {
            return s_ownStackPointer;
        }

        if (cpu->StoppedFrame == 0 || (HasUserRegisters(cpu) && UserContext.KernelStackPointer(cpu->CurrentThread) != 0))
        {
            return 0;
        }

        return (nuint)((InterruptFrame*)cpu->StoppedFrame)->Rsp;
    }

    private static bool HasUserRegisters(CpuBlock* cpu)
    {
        var frame = (InterruptFrame*)cpu->StoppedFrame;
        return (frame->Cs & UserMode) != 0 || UserModeCpu.IsEntry(frame->Rip);
    }

    private static void MarkSlot(nint reference)
    {
        if (reference != 0)
        {
            Marker.MarkReference((nuint)reference);
        }
    }

    private static void MarkRange(nuint low, nuint bytes) => Scan(low, low + bytes);

    // A word may also point into a module.
    private static void Scan(nuint low, nuint high)
    {
        Marker.MarkRange(low, high);
        ModuleReach.LookAtRange(low, high);
    }

    private static void MarkIfInside(nuint stackPointer, nuint low, nuint high)
    {
        if (stackPointer >= low && stackPointer < high)
        {
            Scan(stackPointer, high);
        }
    }

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ThreadBlock* CurrentThread();

    [RuntimeImport("HeapMarkWithRegisters")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void WithRegistersOnStack();
}

/// <summary>
/// CoreLib's GCFrameRegistration: references in memory that managed code asks the collector to look at. CoreLib fills in everything but the first two words,
/// which are the runtime's.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct FrameRegistration
{
    /// <summary>The thread's next older registration.</summary>
    [FieldOffset(0)] public FrameRegistration* Previous;

    [FieldOffset(16)] private readonly nuint* _references;
    [FieldOffset(24)] private readonly uint _count;

    /// <summary>Number of references.</summary>
    public readonly uint Count => _count;

    /// <summary>One of the references; it may point into its object.</summary>
    public readonly nuint Reference(uint index) => _references[index];
}
