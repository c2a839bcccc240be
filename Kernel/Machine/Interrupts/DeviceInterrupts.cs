using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// Interrupts of devices: which handlers share a vector, and which vector an interrupt line has. Handlers are called under no lock: a list's nodes are published by
/// one store, and a removed handler is gone only after every CPU has left its interrupt, so <see cref="Remove"/> waits for that.
/// <para>Lock order: this class's, then the I/O APICs'.</para>
/// </summary>
public static unsafe class DeviceInterrupts
{
    private const int VectorCount = Vectors.LastDevice - Vectors.FirstDevice + 1;
    private const int NoLine = -1;

    // The device raises the vector itself: there is no line to mask.
    private const int Message = -2;

    // Handlers by vector - FirstDevice. Interrupts read them without the lock.
    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static InterruptHandler?[] s_handlers = null!;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int[] s_lines = null!;

    // Handlers that want the line masked; it stays masked until there is none.
    [GuardedBy(nameof(s_lock))]
    private static int[] s_masks = null!;

    // Bit by vector - FirstDevice: the line is level-triggered.
    [GuardedBy(nameof(s_lock))]
    private static bool[] s_levels = null!;

    [Atomic]
    private static ulong[] s_unclaimed = null!;

    private static IrqSpinLock s_lock = new(LockClass.DeviceInterrupts);

    /// <summary>Makes the tables. Once, on the booting CPU, after the managed heap is up.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_handlers = new InterruptHandler?[VectorCount];
        s_lines = new int[VectorCount];
        s_masks = new int[VectorCount];
        s_levels = new bool[VectorCount];
        s_unclaimed = new ulong[VectorCount];
        Array.Fill(s_lines, NoLine);
        for (int vector = Vectors.FirstDevice; vector <= Vectors.LastDevice; vector++)
        {
            InterruptTable.SetHandler(vector, &Serve);
        }
    }

    /// <summary>Adds a handler for one of the sixteen ISA interrupts and unmasks its line. Task context.</summary>
    /// <returns>The vector; 0 when no I/O APIC has the line or every vector is taken.</returns>
    public static int AddIsa(int number, InterruptHandler handler) => Add(IsaInterrupts.Line(number), handler);

    /// <summary>Adds a handler for an I/O APIC's line and unmasks it. Task context.</summary>
    /// <returns>The vector; 0 when no I/O APIC has the line or every vector is taken.</returns>
    public static int Add(InterruptLine line, InterruptHandler handler)
    {
        // The line is routed, unmasked and, in Remove, masked under the lock that its list of handlers has: otherwise the last handler's removal could mask
        // a line that has just got another handler.
        using (s_lock.Enter())
        {
            int slot = Find((int)line.GlobalInterrupt);
            if (slot < 0)
            {
                slot = Find(NoLine);
                if (slot < 0 || !IoApic.Route(line, (byte)(slot + Vectors.FirstDevice), Cpu.Get(0)->ApicId))
                {
                    return 0;
                }

                s_lines[slot] = (int)line.GlobalInterrupt;
                s_levels[slot] = line.IsLevelTriggered;
                s_masks[slot] = 0;
            }

            handler.Vector = slot + Vectors.FirstDevice;
            Volatile.Write(ref handler.Next, s_handlers[slot]);
            Volatile.Write(ref s_handlers[slot], handler);
            if (s_masks[slot] == 0)
            {
                IoApic.SetMasked(line.GlobalInterrupt, masked: false);
            }

            return slot + Vectors.FirstDevice;
        }
    }

    /// <summary>
    /// Gives a handler a vector of its own for a device that interrupts by messages (<see cref="MessageInterrupt"/>). Messages are edges: <see cref="Mask"/> does nothing. Task context.
    /// </summary>
    /// <returns>The vector; 0 when every vector is taken.</returns>
    public static int AddMessage(InterruptHandler handler)
    {
        using (s_lock.Enter())
        {
            int slot = Find(NoLine);
            if (slot < 0)
            {
                return 0;
            }

            s_lines[slot] = Message;
            s_levels[slot] = false;
            s_masks[slot] = 0;
            handler.Vector = slot + Vectors.FirstDevice;
            Volatile.Write(ref handler.Next, null);
            Volatile.Write(ref s_handlers[slot], handler);
            return slot + Vectors.FirstDevice;
        }
    }

    /// <summary>Lets the line of a vector interrupt another CPU from now on. Any context but NMI.</summary>
    /// <param name="vector">A vector of a line.</param>
    /// <param name="cpu">Number of the CPU, below <see cref="Cpu.Count"/>.</param>
    /// <returns>False when the vector has no line, there is no such CPU, or no I/O APIC can reach it.</returns>
    public static bool Retarget(int vector, int cpu)
    {
        CpuBlock* block = Cpu.Get(cpu);
        using (s_lock.Enter())
        {
            int line = s_lines[vector - Vectors.FirstDevice];
            return line >= 0 && block != null && IoApic.Retarget((uint)line, block->ApicId);
        }
    }

    /// <summary>Takes a handler away; the line is masked when it was the last one. When this returns, the handler runs on no CPU. Task context.</summary>
    public static void Remove(int vector, InterruptHandler handler)
    {
        int slot = vector - Vectors.FirstDevice;
        using (s_lock.Enter())
        {
            Unlink(slot, handler);
            Release(slot, handler);

            // An interrupt that still runs cannot mask the line any more: nobody would unmask it.
            handler.Vector = 0;
            if (s_handlers[slot] is null && s_lines[slot] >= 0)
            {
                IoApic.SetMasked((uint)s_lines[slot], masked: true);
                s_lines[slot] = NoLine;
            }
        }

        // A call that every CPU has served came after the end of any interrupt that was running.
        CallFunction.RunOnOthers(&Nothing, 0);
        using (s_lock.Enter())
        {
            Volatile.Write(ref handler.Next, null);

            // Only now: a message that was under way when the device was told to be quiet has arrived, and is not taken for one of the vector's next owner.
            if (s_lines[slot] == Message)
            {
                s_lines[slot] = NoLine;
            }
        }
    }

    /// <summary>
    /// Keeps the line of a handler from interrupting until <see cref="Unmask"/>, or until the handler is removed: a device that still wants service would interrupt again at once.
    /// Others on the same line wait too. Only a level-triggered line is masked: what an edge-triggered one wants meanwhile would be lost. In the handler, or any context but NMI.
    /// </summary>
    [NoAllocation]
    public static void Mask(InterruptHandler handler)
    {
        using (s_lock.Enter())
        {
            int slot = handler.Vector - Vectors.FirstDevice;
            if (slot < 0 || !s_levels[slot] || handler.HoldsMask)
            {
                return;
            }

            handler.HoldsMask = true;
            if (s_masks[slot]++ == 0)
            {
                IoApic.SetMasked((uint)s_lines[slot], masked: true);
            }
        }
    }

    /// <summary>Takes <see cref="Mask"/> back. Any context but NMI.</summary>
    [NoAllocation]
    public static void Unmask(InterruptHandler handler)
    {
        using (s_lock.Enter())
        {
            Release(handler.Vector - Vectors.FirstDevice, handler);
        }
    }

    /// <summary>What serves a vector, for reports: handler by handler.</summary>
    public static InterruptHandler? First(int vector) => Volatile.Read(ref s_handlers[vector - Vectors.FirstDevice]);

    /// <summary>The next handler of the same vector.</summary>
    public static InterruptHandler? Next(InterruptHandler handler) => Volatile.Read(ref handler.Next);

    /// <summary>Interrupts of a vector that no handler took for its own.</summary>
    public static ulong Unclaimed(int vector) => Volatile.Read(ref s_unclaimed[vector - Vectors.FirstDevice]);

    /// <summary>The I/O APIC line of a vector; -1 when the vector is free, -2 when a device raises it by messages.</summary>
    public static int Line(int vector) => Volatile.Read(ref s_lines[vector - Vectors.FirstDevice]);

    private static void Serve(InterruptFrame* frame)
    {
        int slot = (int)frame->Vector - Vectors.FirstDevice;
        bool claimed = false;
        for (InterruptHandler? handler = Volatile.Read(ref s_handlers[slot]); handler is not null; handler = Volatile.Read(ref handler.Next))
        {
            if (handler.Handle())
            {
                handler.CountServed();
                claimed = true;
            }
        }

        if (!claimed)
        {
            Interlocked.Increment(ref s_unclaimed[slot]);
        }

        LocalApic.EndOfInterrupt();
    }

    [RequiresLock(nameof(s_lock))]
    private static void Release(int slot, InterruptHandler handler)
    {
        if (!handler.HoldsMask)
        {
            return;
        }

        handler.HoldsMask = false;
        if (--s_masks[slot] == 0)
        {
            IoApic.SetMasked((uint)s_lines[slot], masked: false);
        }
    }

    private static void Nothing(nuint argument)
    {
    }

    [RequiresLock(nameof(s_lock))]
    private static int Find(int line)
    {
        for (int slot = 0; slot < VectorCount; slot++)
        {
            if (s_lines[slot] == line)
            {
                return slot;
            }
        }

        return -1;
    }

    [RequiresLock(nameof(s_lock))]
    private static void Unlink(int slot, InterruptHandler handler)
    {
        if (s_handlers[slot] == handler)
        {
            Volatile.Write(ref s_handlers[slot], handler.Next);
            return;
        }

        for (InterruptHandler? at = s_handlers[slot]; at is not null; at = at.Next)
        {
            if (at.Next == handler)
            {
                Volatile.Write(ref at.Next, handler.Next);
                return;
            }
        }
    }
}
