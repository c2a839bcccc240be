using System;
using System.Threading;

namespace CosmosKernel.Machine.Locking;

/// <summary>Stands for the struct of this name in Kernel/Machine, on host threads.</summary>
internal struct SpinLock
{
    private int _holder;

    public SpinLock(LockClass lockClass, int number)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(lockClass, LockClass.None);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
    }

    public void AcquireWithPreemptionOff()
    {
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _holder, Environment.CurrentManagedThreadId, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void ReleaseWithPreemptionOff() => Volatile.Write(ref _holder, 0);
}
