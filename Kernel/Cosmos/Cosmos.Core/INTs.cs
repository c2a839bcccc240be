using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks.Deferred;

namespace Cosmos.Core;

/// <summary>
/// Interrupts of devices. A handler runs in a task of its own, soon after the interrupt, with the kernel's other handlers kept out; so it may allocate, sleep and throw (which is reported, and ends nothing).
/// Lines are shared with drivers. Task context.
/// </summary>
public class INTs
{
    private const byte FirstVector = 0x20;
    private const byte Lines = 16;

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<byte, LineHandler> s_handlers = [];

    /// <summary>Takes an interrupt.</summary>
    /// <param name="aContext">Which one it is; the registers are those of no task, and zero.</param>
    public delegate void IRQDelegate(ref IRQContext aContext);

    /// <summary>Takes a processor exception.</summary>
    public delegate void ExceptionInterruptDelegate(ref IRQContext aContext, ref bool aHandled);

    /// <summary>Bits of the flags register (Intel SDM volume 1, section 3.4.3).</summary>
    [Flags]
    public enum EFlagsEnum : uint
    {
        /// <summary>Carry.</summary>
        Carry = 1,

        /// <summary>Parity.</summary>
        Parity = 1 << 2,

        /// <summary>Auxiliary carry.</summary>
        AuxilliaryCarry = 1 << 4,

        /// <summary>Zero.</summary>
        Zero = 1 << 6,

        /// <summary>Sign.</summary>
        Sign = 1 << 7,

        /// <summary>Single step.</summary>
        Trap = 1 << 8,

        /// <summary>Interrupts are on.</summary>
        InterruptEnable = 1 << 9,

        /// <summary>String instructions go down.</summary>
        Direction = 1 << 10,

        /// <summary>Overflow.</summary>
        Overflow = 1 << 11,

        /// <summary>Nested task.</summary>
        NestedTag = 1 << 14,

        /// <summary>Resume.</summary>
        Resume = 1 << 16,

        /// <summary>Virtual 8086 mode.</summary>
        Virtual8086Mode = 1 << 17,

        /// <summary>Alignment check.</summary>
        AlignmentCheck = 1 << 18,

        /// <summary>Virtual interrupt flag.</summary>
        VirtualInterrupt = 1 << 19,

        /// <summary>Virtual interrupt pending.</summary>
        VirtualInterruptPending = 1 << 20,

        /// <summary>CPUID can be read.</summary>
        ID = 1 << 21,
    }

    /// <summary>Serves one of the sixteen ISA interrupts.</summary>
    /// <param name="aIrqNo">0 to 15.</param>
    /// <param name="aHandler">The handler, in place of the kernel's former one; null for none.</param>
    /// <exception cref="InvalidOperationException">No interrupt controller has the line (0 is the kernel's clock), or all vectors are taken.</exception>
    [MightSleep]
    public static void SetIrqHandler(byte aIrqNo, IRQDelegate? aHandler)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(aIrqNo, Lines);
        lock (s_lock)
        {
            if (s_handlers.Remove(aIrqNo, out LineHandler? former))
            {
                DeviceInterrupts.Remove(former.AddedAs, former);
                former.StopThread();
            }

            if (aHandler is null)
            {
                return;
            }

            var handler = new LineHandler(aIrqNo, aHandler);
            handler.StartThread();
            handler.AddedAs = DeviceInterrupts.AddIsa(aIrqNo, handler);
            if (handler.AddedAs == 0)
            {
                handler.StopThread();
                throw new InvalidOperationException($"interrupt {aIrqNo} cannot be served: no I/O APIC has the line, or all vectors are taken");
            }

            s_handlers.Add(aIrqNo, handler);
        }
    }

    /// <summary>Serves an interrupt by its number: 0x20 to 0x2F are the sixteen ISA interrupts.</summary>
    /// <exception cref="NotSupportedException">Another number: exceptions and system calls are the kernel's.</exception>
    [MightSleep]
    public static void SetIntHandler(byte aIntNo, IRQDelegate? aHandler)
    {
        if (aIntNo is < FirstVector or >= FirstVector + Lines)
        {
            throw new NotSupportedException($"interrupt 0x{aIntNo:x2} belongs to the kernel; 0x20 to 0x2f can be served (docs/cosmos.md)");
        }

        SetIrqHandler((byte)(aIntNo - FirstVector), aHandler);
    }

    /// <summary>Keeps a line's interrupts away, or lets them through. It concerns only the kernel's own handler: the others on the line go on.</summary>
    /// <param name="aIRQLine">0 to 15.</param>
    /// <param name="aDoMask">True: away.</param>
    [MightSleep]
    public static void SetIRQMaskState(byte aIRQLine, bool aDoMask)
    {
        lock (s_lock)
        {
            if (s_handlers.TryGetValue(aIRQLine, out LineHandler? handler))
            {
                handler.IsMasked = aDoMask;
            }
        }
    }

    /// <summary>What an interrupt found.</summary>
    public struct IRQContext
    {
        /// <summary>Zero.</summary>
        public uint EDI;

        /// <summary>Zero.</summary>
        public uint ESI;

        /// <summary>Zero.</summary>
        public uint EBP;

        /// <summary>Zero.</summary>
        public uint ESP;

        /// <summary>Zero.</summary>
        public uint EBX;

        /// <summary>Zero.</summary>
        public uint EDX;

        /// <summary>Zero.</summary>
        public uint ECX;

        /// <summary>Zero.</summary>
        public uint EAX;

        /// <summary>Number of the interrupt: 0x20 and the line.</summary>
        public uint Interrupt;

        /// <summary>Zero.</summary>
        public uint Param;

        /// <summary>Zero.</summary>
        public uint EIP;

        /// <summary>Zero.</summary>
        public uint CS;

        /// <summary>Zero.</summary>
        public EFlagsEnum EFlags;

        /// <summary>Zero.</summary>
        public uint UserESP;
    }

    private sealed class LineHandler(byte line, IRQDelegate handler) : ThreadedInterruptHandler
    {
        /// <summary>The vector, once it is added.</summary>
        [Protocol("Written and read by who adds and removes the handler, under the table's lock.")]
        public int AddedAs { get; set; }

        /// <summary>Whether the kernel does not want it now.</summary>
        [Atomic]
        public bool IsMasked { get; set; }

        /// <inheritdoc/>
        public override string Name => "cosmos";

        /// <inheritdoc/>
        [InterruptContext]
        protected override InterruptCheck Check() => IsMasked ? InterruptCheck.NotMine : InterruptCheck.WakeThread;

        /// <inheritdoc/>
        [MightSleep]
        protected override void ServeInThread()
        {
            var context = new IRQContext { Interrupt = (uint)(FirstVector + line) };
            InterruptGate.Close();
            try
            {
                handler(ref context);
            }
            catch (Exception error)
            {
                KernelLog.Error($"handler of interrupt {line}: {error}");
            }
            finally
            {
                InterruptGate.Open();
            }
        }
    }
}
