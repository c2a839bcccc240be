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

    // Handlers by vector - FirstDevice. Written under s_lock, read by interrupts without it.
    private static InterruptHandler?[] s_handlers = null!;

    [GuardedBy(nameof(s_lock))]
    private static int[] s_lines = null!;

    private static ulong[] s_unclaimed = null!;
    private static IrqSpinLock s_lock;

    /// <summary>Makes the tables. Once, on the booting CPU, after the managed heap is up.</summary>
    public static void Initialize()
    {
        s_handlers = new InterruptHandler?[VectorCount];
        s_lines = new int[VectorCount];
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
            }

            handler.Next = s_handlers[slot];
            Volatile.Write(ref s_handlers[slot], handler);
            IoApic.SetMasked(line.GlobalInterrupt, masked: false);
            return slot + Vectors.FirstDevice;
        }
    }

    /// <summary>Takes a handler away; the line is masked when it was the last one. When this returns, the handler runs on no CPU. Task context.</summary>
    public static void Remove(int vector, InterruptHandler handler)
    {
        int slot = vector - Vectors.FirstDevice;
        using (s_lock.Enter())
        {
            Unlink(slot, handler);
            if (s_handlers[slot] is null && s_lines[slot] != NoLine)
            {
                IoApic.SetMasked((uint)s_lines[slot], masked: true);
                s_lines[slot] = NoLine;
            }
        }

        // A call that every CPU has served came after the end of any interrupt that was running.
        CallFunction.RunOnOthers(&Nothing, 0);
        handler.Next = null;
    }

    /// <summary>What serves a vector, for reports: handler by handler.</summary>
    public static InterruptHandler? First(int vector) => Volatile.Read(ref s_handlers[vector - Vectors.FirstDevice]);

    /// <summary>The next handler of the same vector.</summary>
    public static InterruptHandler? Next(InterruptHandler handler) => handler.Next;

    /// <summary>Interrupts of a vector that no handler took for its own.</summary>
    public static ulong Unclaimed(int vector) => s_unclaimed[vector - Vectors.FirstDevice];

    /// <summary>The I/O APIC line of a vector; -1 when it has none.</summary>
    public static int Line(int vector) => Volatile.Read(ref s_lines[vector - Vectors.FirstDevice]);

    private static void Serve(InterruptFrame* frame)
    {
        int slot = (int)frame->Vector - Vectors.FirstDevice;
        bool claimed = false;
        for (InterruptHandler? handler = Volatile.Read(ref s_handlers[slot]); handler is not null; handler = handler.Next)
        {
            if (handler.Handle())
            {
                handler.Count++;
                claimed = true;
            }
        }

        if (!claimed)
        {
            s_unclaimed[slot]++;
        }

        LocalApic.EndOfInterrupt();
    }

    private static void Nothing(nuint argument)
    {
    }

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
                at.Next = handler.Next;
                return;
            }
        }
    }
}
