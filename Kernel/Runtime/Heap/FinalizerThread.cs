using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The thread that runs finalizers: CoreLib's loop, which asks here for work, takes the ready objects one by one, and tells when there are no more.
/// </summary>
public static unsafe class FinalizerThread
{
    private const int Infinite = -1;

    [Immutable]
    private static RuntimeSemaphore? s_work;

    [Atomic]
    private static volatile ThreadBlock* s_thread;

    [Atomic]
    private static int s_signalled;

    // A stack of those who wait for a round's end; the thread takes it whole.
    [Atomic]
    private static Waiter? s_waiters;

    /// <summary>Starts the thread. Once, in task context, as soon as threads can be made.</summary>
    /// <returns>False when there is no memory for it: finalizers then do not run.</returns>
    [MightSleep]
    [BeforePublication]
    public static bool Start()
    {
        RuntimeServices? services = RuntimeServices.Instance;
        s_work = services?.CreateSemaphore();
        return services is not null && s_work is not null
            && services.CreateThread(new RuntimeThread((nint)(delegate*<void>)&ProcessFinalizers, 0), 0);
    }

    /// <summary>Wakes the thread, if there is one yet. Any context but NMI.</summary>
    [NoAllocation]
    internal static void Signal()
    {
        // One unit is enough, however many objects became ready before the thread looks.
        if (s_work is { } work && Interlocked.Exchange(ref s_signalled, 1) == 0)
        {
            work.Release();
        }
    }

    [RuntimeExport("RhpWaitForFinalizerRequest")]
    private static uint WaitForRequest()
    {
        s_thread = CurrentThread();
        while (true)
        {
            // Cleared before the look: who comes later signals again.
            Interlocked.Exchange(ref s_signalled, 0);
            if (FinalizationTable.Ready != 0 || Volatile.Read(ref s_waiters) is not null)
            {
                return 1;
            }

            s_work!.Wait(Infinite);
        }
    }

    [RuntimeExport("RhpSignalFinalizationComplete")]
    private static void SignalComplete(uint count, int collection)
    {
        // The waiters first: an object that was ready when one of these began to wait is then seen below, and its round comes next and ends the waits.
        Waiter? waiters = Interlocked.Exchange(ref s_waiters, null);
        bool again = FinalizationTable.Ready != 0;
        while (waiters is not null)
        {
            Waiter waiter = waiters;
            waiters = waiter.Next;
            if (again)
            {
                Add(waiter);
            }
            else
            {
                waiter.Done.Release();
            }
        }
    }

    /// <summary>Returns when the finalizers of all objects that are ready now have run. At once in a finalizer, and before the thread exists.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory to wait with.</exception>
    [MightSleep]
    [RuntimeExport("RhWaitForPendingFinalizers")]
    private static void WaitForPending(int allowReentrantWait)
    {
        if (s_work is null || CurrentThread() == s_thread)
        {
            return;
        }

        // A semaphore of one's own: a unit of a shared one, given for who waited longer, could be taken by who has just come.
        var waiter = new Waiter(RuntimeServices.Instance!.CreateSemaphore() ?? throw new OutOfMemoryException());
        Add(waiter);
        Signal();
        waiter.Done.Wait(Infinite);
    }

    private static void Add(Waiter waiter)
    {
        Waiter? first = Volatile.Read(ref s_waiters);
        while (true)
        {
            waiter.Next = first;
            Waiter? seen = Interlocked.CompareExchange(ref s_waiters, waiter, first);
            if (seen == first)
            {
                return;
            }

            first = seen;
        }
    }

    [RuntimeImport("ProcessFinalizers")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ProcessFinalizers();

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ThreadBlock* CurrentThread();

    private sealed class Waiter(RuntimeSemaphore done)
    {
        public RuntimeSemaphore Done { get; } = done;

        [Protocol("Written by who adds the waiter, before the exchange that makes it known; read by the thread after the exchange that took the whole stack.")]
        public Waiter? Next { get; set; }
    }
}
