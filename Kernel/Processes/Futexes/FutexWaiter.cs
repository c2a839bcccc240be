using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Futexes;

/// <summary>
/// A thread's place in a bucket of the futex table. Each thread has one, which is enough for all but futex_waitv(2). Who takes it out of the bucket has given the thread what it waited
/// for, and wakes it; the thread itself takes it out when it gives up. Both do so with the bucket's lock held, so exactly one of them does.
/// </summary>
internal sealed class FutexWaiter
{
    private const string BucketProtocol = "The thread itself while it is in no bucket; then guarded by the lock of the bucket that it is in.";

    [Protocol("Written with the lock held of the bucket that the waiter is in or goes into; null as the last thing when it is taken out. Who reads it without the lock locks what was read and reads again.")]
    private FutexBucket? _bucket;

    /// <summary>Makes a place for a thread.</summary>
    public FutexWaiter(FutexThread thread)
    {
        Thread = thread;
    }

    /// <summary>Who waits.</summary>
    public FutexThread Thread { get; }

    /// <summary>The task that waits.</summary>
    public TaskStruct Task => Thread.Task;

    /// <summary>The bucket that it is in; null when the thread got what it waits for, or does not wait.</summary>
    public FutexBucket? Bucket
    {
        get => Volatile.Read(ref _bucket);
        set => Volatile.Write(ref _bucket, value);
    }

    /// <summary>What is waited for.</summary>
    [Protocol(BucketProtocol)]
    public FutexKey Key { get; set; }

    /// <summary>Wake-ups that have one of these bits are for this waiter.</summary>
    [Protocol(BucketProtocol)]
    public uint Bits { get; set; }

    /// <summary>Place among the waiters of the bucket; less is first.</summary>
    [Protocol(BucketProtocol)]
    public ulong Urgency { get; set; }

    /// <summary>The lock that it waits for; null when it waits for a wake-up.</summary>
    [Protocol(BucketProtocol)]
    public InheritedFutex? Inherited { get; set; }

    /// <summary>It is the owner of <see cref="Inherited"/>, because the one before ended, and has to write that into the futex word before it leaves the bucket.</summary>
    [Protocol(BucketProtocol)]
    public bool MustWriteOwner { get; set; }

    /// <summary>It may be woken only by being moved to the futex <see cref="RequeueKey"/> (FUTEX_WAIT_REQUEUE_PI).</summary>
    [Protocol(BucketProtocol)]
    public bool WaitsForRequeue { get; set; }

    /// <summary>Where it may be moved.</summary>
    [Protocol(BucketProtocol)]
    public FutexKey RequeueKey { get; set; }

    /// <summary>It was moved, or got the lock at once.</summary>
    [Protocol(BucketProtocol)]
    public bool WasRequeued { get; set; }

    /// <summary>The next in the bucket.</summary>
    [Protocol(BucketProtocol)]
    public FutexWaiter? Next { get; set; }

    /// <summary>The previous one in the bucket.</summary>
    [Protocol(BucketProtocol)]
    public FutexWaiter? Previous { get; set; }

    /// <summary>Sets what it waits for. The thread itself, in no bucket.</summary>
    [NoAllocation]
    public void Set(in FutexKey key, uint bits)
    {
        Key = key;
        Bits = bits;
        Inherited = null;
        MustWriteOwner = false;
        WaitsForRequeue = false;
        WasRequeued = false;
    }
}
