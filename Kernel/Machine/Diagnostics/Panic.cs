using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// The end: stops the other CPUs, prints registers, the current task, each CPU's state and a backtrace, and ends the machine as the boot options say. Takes no lock, allocates nothing,
/// formats into the wire. A fault while it prints shortens the report instead of starting over. May be called from any context.
/// </summary>
public static unsafe class Panic
{
    [Atomic]
    private static int s_owner;

    [Protocol("Touched only by the CPU whose number is in s_owner, which is set once and by one CPU only, with interrupts off.")]
    private static int s_depth;

    [Immutable]
    private static delegate*<void> s_stopOthers;

    [Immutable]
    private static delegate*<ulong, ulong, ulong, void> s_backtrace;

    [Immutable]
    private static delegate*<void> s_end;

    /// <summary>Sets how other CPUs are sent an NMI.</summary>
    [BeforePublication]
    public static void SetStopOthers(delegate*<void> stop) => s_stopOthers = stop;

    /// <summary>Sets the stack walker: instruction pointer, stack pointer, frame pointer.</summary>
    [BeforePublication]
    public static void SetBacktrace(delegate*<ulong, ulong, ulong, void> backtrace) => s_backtrace = backtrace;

    /// <summary>Who writes a task's name and pid; null until there are tasks. Written once.</summary>
    [Immutable]
    public static ThreadDescriber? Describer { get; [BeforePublication] set; }

    /// <summary>Sets what ends the machine after the report: exit status for a test run, reboot, or nothing.</summary>
    [BeforePublication]
    public static void SetEnd(delegate*<void> end) => s_end = end;

    /// <summary>True while a panic is being reported.</summary>
    public static bool InProgress => Volatile.Read(ref s_owner) != 0;

    /// <summary>True on the CPU that reports the panic. Interrupts are off.</summary>
    internal static bool IsReporter => Volatile.Read(ref s_owner) == SelfNumber;

    // Before the first CPU has a block there is only that one.
    private static int SelfNumber => Cpu.Count == 0 ? 1 : Cpu.CurrentIndex + 1;

    /// <summary>Reports a panic at the caller. Does not return.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Now(ReadOnlySpan<byte> message)
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        Begin(message);
        Describe(null);
        Backtrace(0, CpuInstructions.ReadStackPointer(), framePointer);
        End();
    }

    /// <summary>Reports a panic with the registers of <paramref name="frame"/>. Does not return.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Now(ReadOnlySpan<byte> message, InterruptFrame* frame)
    {
        Begin(message);
        Describe(frame);
        Backtrace(frame->Rip, frame->Rsp, frame->Rbp);
        End();
    }

    /// <summary>First half of a report by a caller that writes its own details between this and <see cref="Finish"/>.</summary>
    public static void Begin(ReadOnlySpan<byte> message)
    {
        InterruptFlag.Disable();
        int self = SelfNumber;
        int owner = Interlocked.CompareExchange(ref s_owner, self, 0);
        if (owner != 0 && owner != self)
        {
            CpuInstructions.HaltForever();
        }

        s_depth++;
        if (s_depth > 3)
        {
            EndMachine();
        }

        if (owner == self)
        {
            EarlyConsole.Write("\nPanic inside the panic report: "u8);
            EarlyConsole.WriteLine(message);
            End();
        }

        if (s_stopOthers != null)
        {
            s_stopOthers();
        }

        PanicOutput.BeginAll();
        EarlyConsole.Write("\n##panic "u8);
        EarlyConsole.WriteLine(message);
    }

    /// <summary>Second half of a report: registers if any, task, CPUs, backtrace, end.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Finish(InterruptFrame* frame)
    {
        Describe(frame);
        if (frame != null)
        {
            Backtrace(frame->Rip, frame->Rsp, frame->Rbp);
        }
        else
        {
            Backtrace(0, CpuInstructions.ReadStackPointer(), CpuInstructions.ReadFramePointer());
        }

        End();
    }

    /// <summary>Called first by every NMI: when a panic runs elsewhere, this CPU's state is kept for the report and it stops here for good.</summary>
    internal static bool TryStop(InterruptFrame* frame)
    {
        if (!InProgress)
        {
            return false;
        }

        CpuBlock* block = Cpu.Current;
        if (IsReporter)
        {
            return true;
        }

        Volatile.Write(ref block->PanicFrame, (nuint)frame);
        CpuInstructions.HaltForever();
        return true;
    }

    private static void Describe(InterruptFrame* frame)
    {
        if (frame != null)
        {
            RegisterDump.Write(frame);
        }

        if (Cpu.Count == 0)
        {
            return;
        }

        EarlyConsole.Write("  CPU "u8);
        EarlyConsole.WriteDecimal((ulong)Cpu.CurrentIndex);
        DescribeThread(Cpu.Current->CurrentThread);
        for (int i = 0; i < Cpu.Count; i++)
        {
            CpuBlock* block = Cpu.Get(i);
            if (i != Cpu.CurrentIndex)
            {
                DescribeOther(block);
            }
        }
    }

    private static void DescribeOther(CpuBlock* block)
    {
        EarlyConsole.Write("  CPU "u8);
        EarlyConsole.WriteDecimal(block->Index);
        if (block->Online == 0)
        {
            EarlyConsole.WriteLine(": not started"u8);
            return;
        }

        for (int wait = 0; wait < 10_000_000 && Volatile.Read(ref block->PanicFrame) == 0; wait++)
        {
            CpuInstructions.Pause();
        }

        if (block->PanicFrame == 0)
        {
            EarlyConsole.Write(": does not answer"u8);
            DescribeThread(block->CurrentThread);
            return;
        }

        var frame = (InterruptFrame*)block->PanicFrame;
        EarlyConsole.Write(": rip "u8);
        EarlyConsole.WriteHex(frame->Rip);
        SymbolWriter.WriteAddress(frame->Rip);
        DescribeThread(block->CurrentThread);
    }

    private static void DescribeThread(ThreadBlock* thread)
    {
        EarlyConsole.Write(", task "u8);
        if (thread != null && thread->Owner != 0 && Describer is { } describer)
        {
            describer.Describe(System.Runtime.CompilerServices.Unsafe.As<nint, object>(ref thread->Owner));
        }
        else if (thread != null)
        {
            EarlyConsole.WriteDecimal(thread->Id);
        }
        else
        {
            EarlyConsole.Write("none"u8);
        }

        EarlyConsole.Write("\n"u8);
    }

    /// <summary>Writes the calls that led to a point, for reports that are no panics. Any context.</summary>
    internal static void WriteBacktrace(ulong instruction, ulong stack, ulong frame) => Backtrace(instruction, stack, frame);

    private static void Backtrace(ulong instruction, ulong stack, ulong frame)
    {
        EarlyConsole.WriteLine("  Backtrace, innermost call first:"u8);
        if (instruction != 0)
        {
            SymbolWriter.WriteFrame(instruction);
        }

        if (s_backtrace != null)
        {
            s_backtrace(instruction, stack, frame);
        }
        else
        {
            FramePointerWalk.Write(frame);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void End()
    {
        EarlyConsole.WriteLine("##panic-end"u8);
        EarlyConsole.Flush();
        EndMachine();
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void EndMachine()
    {
        if (s_end != null)
        {
            s_end();
        }

        while (true)
        {
            CpuInstructions.HaltForever();
        }
    }
}
