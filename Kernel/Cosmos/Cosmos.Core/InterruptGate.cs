using System.Threading;
using CosmosKernel.Machine.Locking;

namespace Cosmos.Core;

/// <summary>
/// What switching interrupts off means here. A Cosmos kernel does it to keep its handlers and its other code apart; with several processors that takes a lock, and this is it: it is held by
/// the task that has called <see cref="CPU.DisableInterrupts"/>, and around every handler that a Cosmos kernel has registered.
/// </summary>
internal static class InterruptGate
{
    private static readonly SemaphoreSlim s_gate = new(1, 1);

    // The thread that has closed it. Only a thread itself writes its own number here, and takes it away.
    [Atomic]
    private static int s_owner;

    /// <summary>Whether the calling task has closed the gate.</summary>
    public static bool IsClosed => Volatile.Read(ref s_owner) == Thread.CurrentThread.ManagedThreadId;

    /// <summary>Closes the gate, waiting for who has it; nothing when the task has it already.</summary>
    [MightSleep]
    public static void Close()
    {
        if (!IsClosed)
        {
            s_gate.Wait();
            Volatile.Write(ref s_owner, Thread.CurrentThread.ManagedThreadId);
        }
    }

    /// <summary>Opens the gate; nothing when the task does not have it.</summary>
    [MightSleep]
    public static void Open()
    {
        if (IsClosed)
        {
            Volatile.Write(ref s_owner, 0);
            s_gate.Release();
        }
    }
}
