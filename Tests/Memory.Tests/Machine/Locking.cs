using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Machine.Locking;

/// <summary>What keeps a task on its CPU. Host threads are moved anyway; their CPU's number is a part of them.</summary>
public static class Preemption
{
    [ThreadStatic]
    private static int s_count;

    public static bool IsPossible => s_count == 0 && IrqSpinLock.HeldHere == 0;

    public static Scope Disable()
    {
        s_count++;
        return default;
    }

    public readonly ref struct Scope
    {
        public void Dispose() => s_count--;
    }
}

/// <summary>
/// The kernel's lock on host threads: the same shape, and it panics on what would hang there. Counts what this thread holds, so that the tests see calls that
/// must be made without a lock.
/// </summary>
public struct IrqSpinLock
{
    [ThreadStatic]
    private static int s_heldHere;

    private int _holder;

    public IrqSpinLock(LockClass lockClass)
    {
        if (lockClass == LockClass.None)
        {
            Panic.Now("A lock is made without a class"u8);
        }
    }

    /// <summary>Locks that this thread holds.</summary>
    public static int HeldHere => s_heldHere;

    [UnscopedRef]
    public Guard Enter()
    {
        var spin = new SpinWait();
        while (!TryAcquire())
        {
            if (Volatile.Read(ref _holder) == Environment.CurrentManagedThreadId)
            {
                Panic.Now("A CPU waits for a spin lock that it holds itself"u8);
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        return new Guard(ref this);
    }

    [UnscopedRef]
    public Guard TryEnter() => TryAcquire() ? new Guard(ref this) : default;

    private bool TryAcquire()
    {
        if (Interlocked.CompareExchange(ref _holder, Environment.CurrentManagedThreadId, 0) != 0)
        {
            return false;
        }

        s_heldHere++;
        return true;
    }

    private void Release()
    {
        s_heldHere--;
        Volatile.Write(ref _holder, 0);
    }

    public readonly ref struct Guard
    {
        private readonly ref IrqSpinLock _lock;

        internal Guard(ref IrqSpinLock held)
        {
            _lock = ref held;
        }

        public bool Taken => !Unsafe.IsNullRef(ref _lock);

        public void Dispose()
        {
            if (Taken)
            {
                _lock.Release();
            }
        }
    }
}
