using System;
using System.Runtime;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Threading;

/// <summary>What CoreLib's <c>Thread</c> asks of the runtime.</summary>
internal static unsafe class ThreadFunctions
{
    [RuntimeExport("SystemNative_CreateThread")]
    private static int CreateThread(nint stackSize, nint start, nint parameter)
    {
        if (RuntimeServices.Instance is not { } services)
        {
            return 0;
        }

        return services.CreateThread(new RuntimeThread(start, parameter), (ulong)stackSize) ? 1 : 0;
    }

    // These two are the bodies of Thread.GetPriorityLive and SetPriorityLive: corelib-substitutions.txt.
    [RuntimeExport("RhGetThreadPriority")]
    private static ThreadPriority GetPriority(Thread thread) => RuntimeServices.Instance?.GetPriority(thread) ?? ThreadPriority.Normal;

    [RuntimeExport("RhSetThreadPriority")]
    private static bool SetPriority(Thread thread, ThreadPriority priority) => RuntimeServices.Instance is { } services && services.SetPriority(thread, priority);

    [RuntimeExport("RhCurrentOSThreadId")]
    private static ulong CurrentId() => ThreadState.Current->Id;

    [RuntimeExport("RhCurrentNativeThreadId")]
    private static nint CurrentNativeId() => (nint)ThreadState.Current->Id;

    [RuntimeExport("SystemNative_TryGetUInt32OSThreadId")]
    private static uint CurrentId32()
    {
        // CoreLib reads 0xFFFFFFFF as "does not fit" and then takes numbers of its own.
        ulong id = ThreadState.Current->Id;
        return id < uint.MaxValue ? (uint)id : uint.MaxValue;
    }

    [RuntimeExport("RhpGetCurrentThread")]
    private static nint CurrentThread() => (nint)ThreadState.Current;

    [RuntimeExport("RhGetCurrentThreadStackBounds")]
    private static void StackBoundsOfCurrent(nuint* low, nuint* high)
    {
        *low = ThreadState.Current->StackLow;
        *high = ThreadState.Current->StackHigh;
    }

    [RuntimeExport("RhYield")]
    private static int Yield() => RuntimeServices.Instance is { } services && Preemption.IsPossible && services.Yield() ? 1 : 0;

    [RuntimeExport("RhSpinWait")]
    private static void SpinWait(int iterations)
    {
        for (int i = 0; i < iterations; i++)
        {
            CpuInstructions.Pause();
        }
    }

    [RuntimeExport("RhFlushProcessWriteBuffers")]
    private static void FlushWriteBuffers()
    {
        if (Cpu.Count > 1 && RuntimeServices.Instance is { } services)
        {
            services.FenceAllCpus();
        }
        else
        {
            CpuInstructions.Fence();
        }
    }

    // Aborting threads by exceptions is a debugger's feature that this kernel does not have.
    [RuntimeExport("RhpGetThreadAbortException")]
    private static object? AbortException() => null;

    [RuntimeExport("RhpInitiateThreadAbort")]
    private static void InitiateAbort(nint thread, Exception exception, bool rude) => throw new PlatformNotSupportedException();

    [RuntimeExport("RhpCancelThreadAbort")]
    private static void CancelAbort(nint thread) => throw new PlatformNotSupportedException();

    // COM wrappers: nothing in the kernel has COM objects.
    [RuntimeExport("RhGetIUnknownAddRef")]
    private static nint ComAddRef() => throw new PlatformNotSupportedException();

    // Only with inlined thread statics, which the kernel is compiled without: FS belongs to user space.
    [RuntimeExport("RhRegisterInlinedThreadStaticRoot")]
    private static void RegisterInlinedRoot(nint root, nint typeManager) =>
        Machine.Diagnostics.Panic.Now("The kernel was compiled with inlined thread statics"u8);

    // CoreLib checks its chain of dispatches with this in debug builds only.
    [RuntimeExport("RhpValidateExInfoStack")]
    private static void ValidateExInfos()
    {
    }
}
