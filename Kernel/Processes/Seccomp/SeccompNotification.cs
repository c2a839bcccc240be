using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>A system call that waits for the decision of who has the listener (seccomp_unotify(2)). Its thread made it and takes it back.</summary>
public sealed class SeccompNotification
{
    [Immutable]
    private readonly uint[] _data;

    internal SeccompNotification(ulong id, UserThread thread, System.ReadOnlySpan<uint> data)
    {
        Id = id;
        Thread = thread;
        _data = data.ToArray();
    }

    /// <summary>Its number, which no other one of the listener has.</summary>
    public ulong Id { get; }

    /// <summary>The thread that made the call.</summary>
    public UserThread Thread { get; }

    /// <summary>The call: <c>struct seccomp_data</c> in words.</summary>
    public System.ReadOnlySpan<uint> Data => _data;

    /// <summary>The thread waits here, and who gives it a descriptor.</summary>
    internal WaitQueue Changed { get; } = new("seccomp");

    /// <summary>How far it is.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock), LockFreeReads = true)]
    internal SeccompNotificationState State { get; set; }

    /// <summary>What the call gives: a negative errno in <see cref="Error"/>, or this.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    internal long Value { get; set; }

    /// <summary>A negative errno, or 0.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    internal int Error { get; set; }

    /// <summary>The call is made after all (SECCOMP_USER_NOTIF_FLAG_CONTINUE).</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    internal bool Continues { get; set; }

    /// <summary>Descriptors that the thread is to get, the oldest first.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock), LockFreeReads = true)]
    internal SeccompDescriptor? FirstDescriptor { get; set; }

    /// <summary>The next one of the listener.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    internal SeccompNotification? Next { get; set; }
}
