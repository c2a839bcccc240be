using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Runtime.Threading;

/// <summary>
/// The running thread as the runtime sees it. Every member is a property of the thread, so it stays right when the thread is
/// preempted and continues on another CPU. Any context.
/// </summary>
internal static unsafe class ThreadState
{
    /// <summary>The running thread's block.</summary>
    public static ThreadBlock* Current => CurrentThread();

    /// <summary>The newest exception being dispatched on this thread, or null.</summary>
    public static ExInfo* ExInfoHead => (ExInfo*)CurrentThread()->ExInfoHead;

    /// <summary>The stack that this code runs on: the thread's, or the CPU's interrupt stack; empty if it is neither.</summary>
    public static StackBounds StackBounds
    {
        get
        {
            byte marker;
            ulong here = (ulong)&marker;
            ThreadBlock* thread = CurrentThread();
            if (here >= thread->StackLow && here < thread->StackHigh)
            {
                return new StackBounds(thread->StackLow, thread->StackHigh);
            }

            // On the interrupt stack the thread cannot change CPU, so reading the block is safe.
            CpuBlock* cpu = Cpu.Current;
            return here >= cpu->InterruptStackLow && here < cpu->InterruptStackTop
                ? new StackBounds(cpu->InterruptStackLow, cpu->InterruptStackTop)
                : default;
        }
    }

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ThreadBlock* CurrentThread();
}
