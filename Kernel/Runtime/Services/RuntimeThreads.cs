using System.Runtime;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Services;

/// <summary>The end of threads, as CoreLib sees it.</summary>
public static unsafe class RuntimeThreads
{
    // A function pointer.
    [Atomic]
    private static nint s_exitCallback;

    /// <summary>
    /// The running task is in the middle of an exception: its <c>finally</c> blocks are being run, or it is in a <c>catch</c> block. Task context.
    /// </summary>
    public static bool IsHandlingException => Threading.ThreadState.ExInfoHead != null;

    /// <summary>
    /// Tells CoreLib that the running task ends: <c>Thread.Join</c> on it returns, abandoned mutexes are released, thread statics are dropped.
    /// </summary>
    /// <remarks>Called once by each task, as the last managed code on its stack that may use thread statics. Task context.</remarks>
    [MightSleep]
    public static void OnExit()
    {
        // Without thread statics CoreLib has no Thread object for this task and nobody can wait for one.
        if (Threading.ThreadState.Current->ThreadStatics == 0)
        {
            return;
        }

        var callback = (delegate* unmanaged<void>)Volatile.Read(ref s_exitCallback);
        if (callback != null)
        {
            callback();
        }

        Threading.ThreadState.Current->ThreadStatics = 0;
    }

    [RuntimeExport("RhSetThreadExitCallback")]
    private static void SetExitCallback(delegate* unmanaged<void> callback) => Volatile.Write(ref s_exitCallback, (nint)callback);
}
