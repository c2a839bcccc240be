using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// CoreLib's native monitor: a mutex with one condition, from which it builds wait handles, locks and the thread pool. The scheduler
/// makes the real one when the monitor is first used after it has started; before, there is one thread, and taking the lock is a mark.
/// </summary>
internal sealed class LowLevelMonitor
{
    [Atomic]
    private RuntimeMonitor? _monitor;

    [Protocol("True only before RuntimeServices.Instance is set, when the boot thread is the only one; false ever after.")]
    private bool _heldByBoot;

    [MightSleep]
    private void Acquire()
    {
        if (TryGetMonitor() is { } monitor)
        {
            monitor.Acquire();
        }
        else if (_heldByBoot)
        {
            Panic.Now("Boot code waits for a lock that it holds itself"u8);
        }
        else
        {
            _heldByBoot = true;
        }
    }

    private void Release()
    {
        if (_heldByBoot)
        {
            _heldByBoot = false;
        }
        else
        {
            Volatile.Read(ref _monitor)!.Release();
        }
    }

    private RuntimeMonitor Waitable()
    {
        RuntimeMonitor? monitor = Volatile.Read(ref _monitor);
        if (_heldByBoot || monitor == null)
        {
            Panic.Now("Boot code waits, and there is no other thread yet that could wake it"u8);
        }

        return monitor;
    }

    private void SignalAndRelease()
    {
        if (_heldByBoot)
        {
            _heldByBoot = false;
        }
        else
        {
            Volatile.Read(ref _monitor)!.SignalAndRelease();
        }
    }

    private RuntimeMonitor? TryGetMonitor()
    {
        RuntimeMonitor? monitor = Volatile.Read(ref _monitor);
        if (monitor == null && RuntimeServices.Instance is { } services)
        {
            RuntimeMonitor created = services.CreateMonitor() ?? throw new System.OutOfMemoryException();
            monitor = Interlocked.CompareExchange(ref _monitor, created, null) ?? created;
        }

        return monitor;
    }

    private static LowLevelMonitor Of(nint handle) => System.Runtime.CompilerServices.Unsafe.As<LowLevelMonitor>(GCHandle.FromIntPtr(handle).Target!);

    [RuntimeExport("SystemNative_LowLevelMonitor_Create")]
    private static nint Create() => GCHandle.ToIntPtr(GCHandle.Alloc(new LowLevelMonitor()));

    [RuntimeExport("SystemNative_LowLevelMonitor_Destroy")]
    private static void Destroy(nint handle) => GCHandle.FromIntPtr(handle).Free();

    [RuntimeExport("SystemNative_LowLevelMonitor_Acquire")]
    private static void Acquire(nint handle) => Of(handle).Acquire();

    [RuntimeExport("SystemNative_LowLevelMonitor_Release")]
    private static void Release(nint handle) => Of(handle).Release();

    [RuntimeExport("SystemNative_LowLevelMonitor_Wait")]
    private static void Wait(nint handle) => Of(handle).Waitable().Wait();

    [RuntimeExport("SystemNative_LowLevelMonitor_TimedWait")]
    private static int TimedWait(nint handle, int milliseconds) => Of(handle).Waitable().Wait(milliseconds) ? 1 : 0;

    [RuntimeExport("SystemNative_LowLevelMonitor_Signal_Release")]
    private static void SignalAndRelease(nint handle) => Of(handle).SignalAndRelease();
}
