using System.Runtime;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Services;

/// <summary>The end of threads, as CoreLib sees it.</summary>
public static unsafe class RuntimeThreads
{
    private static delegate* unmanaged<void> s_exitCallback;

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

        if (s_exitCallback != null)
        {
            s_exitCallback();
        }

        Threading.ThreadState.Current->ThreadStatics = 0;
    }

    [RuntimeExport("RhSetThreadExitCallback")]
    private static void SetExitCallback(delegate* unmanaged<void> callback) => s_exitCallback = callback;
}
