using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// A driver's part in a panic report, beside <see cref="EarlyConsole"/>: a serial driver sends what it still holds, a screen driver shows the report. Both methods are called
/// with interrupts off and all other CPUs stopped wherever they were, so they take no lock, allocate nothing, throw nothing, wait for nothing but the device, and believe
/// nothing of what they kept in memory. A class and not an interface: the call needs no dispatch cache.
/// </summary>
public abstract class PanicOutput
{
    private static IrqSpinLock s_lock = new(LockClass.PanicOutput);
    // A panic on another CPU reads the list without the lock.
    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static PanicOutput? s_first;

    [Atomic]
    private static bool s_begun;

    [Protocol("Touched only by the CPU that reports the panic, with interrupts off, and there is one in the life of the system.")]
    private static bool s_writing;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private PanicOutput? _next;

    /// <summary>Adds one. Task context.</summary>
    public static void Add(PanicOutput output)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref output._next, s_first);
            Volatile.Write(ref s_first, output);
        }
    }

    /// <summary>Takes one away; nothing happens when it is not there. Task context.</summary>
    public static void Remove(PanicOutput output)
    {
        using (s_lock.Enter())
        {
            if (s_first == output)
            {
                Volatile.Write(ref s_first, output._next);
                return;
            }

            for (PanicOutput? at = s_first; at is not null; at = at._next)
            {
                if (at._next == output)
                {
                    Volatile.Write(ref at._next, output._next);
                    return;
                }
            }
        }
    }

    /// <summary>The panic begins: sends what was written and not yet sent. Once.</summary>
    protected abstract void OnPanic();

    /// <summary>Shows a byte of the report, which is ASCII with line feeds.</summary>
    protected virtual void Write(byte value)
    {
    }

    /// <summary>Tells all that a panic begins; a panic inside of that goes on without them.</summary>
    internal static void BeginAll()
    {
        for (PanicOutput? output = Volatile.Read(ref s_first); output is not null; output = Volatile.Read(ref output._next))
        {
            output.OnPanic();
        }

        Volatile.Write(ref s_begun, true);
    }

    /// <summary>Hands a byte of the report to all; nothing before a panic.</summary>
    internal static void WriteToAll(byte value)
    {
        // Other CPUs may still write when the panic begins; if one did so here and were then stopped for good inside of it, the report would never be shown.
        // A fault inside of an output leaves the flag set: the report goes on without them.
        if (!Volatile.Read(ref s_begun) || !Panic.IsReporter || s_writing)
        {
            return;
        }

        s_writing = true;
        for (PanicOutput? output = Volatile.Read(ref s_first); output is not null; output = Volatile.Read(ref output._next))
        {
            output.Write(value);
        }

        s_writing = false;
    }
}
