using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Turns an exception that nobody handles into a panic whose first line says what happened (Intel SDM vol. 3A, 7.15).</summary>
public static unsafe class FaultReport
{
    /// <summary>Panics because of the exception in <paramref name="frame"/>. Does not return.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Report(InterruptFrame* frame)
    {
        ulong address = CpuInstructions.ReadControl2();
        if (frame->Vector == Vectors.DoubleFault && IsStackOverflow(frame, address))
        {
            Panic.Now("Kernel stack overflow"u8, frame);
        }

        if (frame->Vector == Vectors.PageFault)
        {
            Panic.Now(DescribePageFault(frame, address), frame);
        }

        Panic.Now(Name((int)frame->Vector), frame);
    }

    private static bool IsStackOverflow(InterruptFrame* frame, ulong address)
    {
        ThreadBlock* thread = Cpu.Count > 0 ? Cpu.Current->CurrentThread : null;
        if (thread != null && address < thread->StackLow && address + 16384 >= thread->StackLow)
        {
            return true;
        }

        return MachineArea.IsGuard(address, out _) || (thread != null && frame->Rsp < thread->StackLow && frame->Rsp + 16384 >= thread->StackLow);
    }

    private static ReadOnlySpan<byte> DescribePageFault(InterruptFrame* frame, ulong address)
    {
        if (address < 0x10000)
        {
            return Cpu.Count > 0 && Cpu.Current->InterruptDepth > 0
                ? "Null dereference in an interrupt handler"u8
                : "Null dereference in the kernel"u8;
        }

        if ((frame->ErrorCode & 16) != 0)
        {
            return "The kernel jumped to memory that is not executable"u8;
        }

        return (frame->ErrorCode & 2) != 0 ? "The kernel wrote to an address that it may not write"u8 : "The kernel read an address that is not mapped"u8;
    }

    private static ReadOnlySpan<byte> Name(int vector) => vector switch
    {
        0 => "Divide error in the kernel"u8,
        1 => "Debug exception"u8,
        3 => "Breakpoint"u8,
        4 => "Overflow exception"u8,
        5 => "Bound range exceeded"u8,
        6 => "Invalid opcode"u8,
        7 => "Device not available"u8,
        8 => "Double fault"u8,
        10 => "Invalid task-state segment"u8,
        11 => "Segment not present"u8,
        12 => "Stack segment fault"u8,
        13 => "General protection fault"u8,
        16 => "x87 floating-point error"u8,
        17 => "Alignment check"u8,
        18 => "Machine check: the hardware reports an error"u8,
        19 => "SIMD floating-point exception"u8,
        20 => "Virtualization exception"u8,
        21 => "Control-flow protection exception"u8,
        _ => "Exception with a reserved vector"u8,
    };
}
