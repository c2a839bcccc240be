using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// What a line discipline writes to: the console, or the master of a pseudo-terminal. Called with the terminal's lock held, in task context.
/// </summary>
public abstract class TerminalPort
{
    /// <summary>Bytes that <see cref="Put"/> takes now; 0 while the other side has no room.</summary>
    public abstract int Room { get; }

    /// <summary>Bytes that were put and have not left (TIOCOUTQ).</summary>
    public abstract int Waiting { get; }

    /// <summary>Sends bytes, at most <see cref="Room"/> of them.</summary>
    [MightSleep]
    public abstract void Put(ReadOnlySpan<byte> bytes);

    /// <summary>Sends START or STOP for the other side (IXOFF, TCIOFF): before everything that waits and while the output is stopped, if the device can do that. Default: as other bytes.</summary>
    /// <returns>False when there is no room.</returns>
    [MightSleep]
    public virtual bool TrySendUrgently(byte value)
    {
        bool hasRoom = Room > 0;
        if (hasRoom)
        {
            Put([value]);
        }

        return hasRoom;
    }

    /// <summary>Drops what was put and has not left.</summary>
    [MightSleep]
    public abstract void Discard();

    /// <summary>The output was stopped or started (STOP, START, tcflow(3)): a device with a buffer of its own stops and starts that.</summary>
    [MightSleep]
    public virtual void FlowChanged(bool isStopped)
    {
    }

    /// <summary>The input was dropped (packet mode tells the master).</summary>
    [MightSleep]
    public virtual void InputFlushed()
    {
    }
}
