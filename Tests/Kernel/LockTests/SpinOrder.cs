using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Locks;

/// <summary>Runs something with the order of waiters for spin locks that it wants, and gives back what was.</summary>
internal static class SpinOrder
{
    /// <summary>With waiters that queue, or that do not.</summary>
    public static void Run(bool queued, Action body)
    {
        bool before = SpinLockOrder.IsQueued;
        SpinLockOrder.IsQueued = queued;
        try
        {
            body();
        }
        finally
        {
            SpinLockOrder.IsQueued = before;
        }
    }

    /// <summary>With an order that changes all the time.</summary>
    public static void RunChanging(Action body)
    {
        bool before = SpinLockOrder.IsQueued;
        bool done = false;
        TaskStruct changer = KernelTask.Start(new TaskOptions { Name = "order of spin locks" }, () =>
        {
            while (!Volatile.Read(ref done))
            {
                SpinLockOrder.IsQueued = !SpinLockOrder.IsQueued;
                KernelTask.Yield();
            }
        });
        try
        {
            body();
        }
        finally
        {
            Volatile.Write(ref done, true);
            changer.Join();
            SpinLockOrder.IsQueued = before;
        }
    }
}
