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

    private static RuntimeSemaphore? s_work;
    private static RuntimeSemaphore? s_done;
    private static ThreadBlock* s_thread;
    private static int s_signalled;
    private static int s_waiters;

    /// <summary>Starts the thread. Once, in task context, as soon as threads can be made.</summary>
    /// <returns>False when there is no memory for it: finalizers then do not run.</returns>
    public static bool Start()
    {
        RuntimeServices? services = RuntimeServices.Instance;
        s_done = services?.CreateSemaphore();
        s_work = services?.CreateSemaphore();
        return services is not null && s_work is not null && s_done is not null
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
            if (FinalizationTable.Ready != 0 || Volatile.Read(ref s_waiters) != 0)
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
        int waiters = Interlocked.Exchange(ref s_waiters, 0);
        if (waiters != 0 && FinalizationTable.Ready != 0)
        {
            Interlocked.Add(ref s_waiters, waiters);
            return;
        }

        for (; waiters > 0; waiters--)
        {
            s_done!.Release();
        }
    }

    /// <summary>Returns when the finalizers of all objects that are ready now have run. At once in a finalizer, and before the thread exists.</summary>
    [RuntimeExport("RhWaitForPendingFinalizers")]
    private static void WaitForPending(int allowReentrantWait)
    {
        if (s_work is null || s_done is null || CurrentThread() == s_thread)
        {
            return;
        }

        Interlocked.Increment(ref s_waiters);
        Signal();
        s_done.Wait(Infinite);
    }

    [RuntimeImport("ProcessFinalizers")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ProcessFinalizers();

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ThreadBlock* CurrentThread();
}
