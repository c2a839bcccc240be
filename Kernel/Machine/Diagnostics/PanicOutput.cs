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
    private static IrqSpinLock s_lock;
    private static PanicOutput? s_first;
    private static bool s_begun;
    private static bool s_writing;

    private PanicOutput? _next;

    /// <summary>Adds one. Task context.</summary>
    public static void Add(PanicOutput output)
    {
        using (s_lock.Enter())
        {
            output._next = s_first;

            // A panic on another CPU reads the list without the lock.
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
                    at._next = output._next;
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
        PanicOutput? first = Volatile.Read(ref s_first);
        Volatile.Write(ref s_first, null);
        for (PanicOutput? output = first; output is not null; output = output._next)
        {
            output.OnPanic();
        }

        s_begun = true;
        Volatile.Write(ref s_first, first);
    }

    /// <summary>Hands a byte of the report to all; nothing before a panic.</summary>
    internal static void WriteToAll(byte value)
    {
        // A fault inside of an output leaves the flag set: the report goes on without them.
        if (!s_begun || s_writing)
        {
            return;
        }

        s_writing = true;
        for (PanicOutput? output = Volatile.Read(ref s_first); output is not null; output = output._next)
        {
            output.Write(value);
        }

        s_writing = false;
    }
}
