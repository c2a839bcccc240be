using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Threads;

/// <summary>The thread that boots: its stack lies in the image, its block at the top of that stack.</summary>
internal static unsafe class BootThread
{
    /// <summary>Fills in the block and puts it on the list of threads.</summary>
    public static ThreadBlock* Create()
    {
        nuint top = StackTop();
        var thread = (ThreadBlock*)top;
        *thread = default;
        thread->StackHigh = top;
        thread->StackLow = StackBottom();
        ThreadList.Add(thread);
        return thread;
    }

    [RuntimeImport("BootStackTop")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint StackTop();

    [RuntimeImport("BootStackBottom")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint StackBottom();
}
