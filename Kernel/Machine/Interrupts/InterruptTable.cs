using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// From the entry code to the handlers. Handlers of the kernel's own vectors and of faults are function pointers, set once at boot before their source is enabled; devices add
/// <see cref="InterruptHandler"/> objects through <see cref="DeviceInterrupts"/>. All run with interrupts off, on the interrupt stack.
/// </summary>
[Immutable]
public static unsafe class InterruptTable
{
    private static HandlerTable s_handlers;
    private static delegate*<void> s_reschedule;
    private static delegate*<InterruptFrame*, bool> s_nmi;

    /// <summary>Sets the handler of a vector. It ends the interrupt itself (end-of-interrupt to the APIC). For exceptions it returns after having changed the frame, or does not return.</summary>
    [BeforePublication]
    public static void SetHandler(int vector, delegate*<InterruptFrame*, void> handler) => s_handlers[vector] = (nint)handler;

    /// <summary>Sets what runs at the end of an interrupt when a reschedule is wanted: on the thread's own stack, interrupts off.</summary>
    [BeforePublication]
    public static void SetReschedule(delegate*<void> reschedule) => s_reschedule = reschedule;

    /// <summary>Sets who sees an NMI first; it returns true when the NMI was meant for it. It must not fault, block or print.</summary>
    [BeforePublication]
    public static void SetNmiHandler(delegate*<InterruptFrame*, bool> handler) => s_nmi = handler;

    [RuntimeExport("InterruptDispatch")]
    private static void Dispatch(InterruptFrame* frame)
    {
        CpuInstructions.BlockPointer()->InterruptCount++;
        var handler = (delegate*<InterruptFrame*, void>)s_handlers[(int)frame->Vector];
        if (handler != null)
        {
            handler(frame);
        }
        else if (frame->Vector != Vectors.Spurious)
        {
            Panic.Now("An interrupt arrived that nobody asked for"u8, frame);
        }
    }

    [RuntimeExport("ExceptionDispatch")]
    private static void DispatchException(InterruptFrame* frame)
    {
        if (frame->Vector == Vectors.PageFault && UserMode.UserAccess.TryFixUp(frame))
        {
            return;
        }

        var handler = (delegate*<InterruptFrame*, void>)s_handlers[(int)frame->Vector];
        if (handler != null)
        {
            handler(frame);
            return;
        }

        FaultReport.Report(frame);
    }

    [RuntimeExport("ParanoidDispatch")]
    private static void DispatchParanoid(InterruptFrame* frame)
    {
        if (frame->Vector == Vectors.Nmi)
        {
            if (Panic.TryStop(frame) || StackRequest.TryServe(frame) || (s_nmi != null && s_nmi(frame)))
            {
                return;
            }

            Panic.Now("A non-maskable interrupt that the kernel did not send"u8, frame);
        }

        FaultReport.Report(frame);
    }

    [RuntimeExport("InterruptReschedule")]
    private static void Reschedule() => s_reschedule();

    [InlineArray(256)]
    private struct HandlerTable
    {
        private nint _first;
    }
}
