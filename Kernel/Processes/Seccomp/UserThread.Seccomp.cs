using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Seccomp;

namespace CosmosKernel.Processes;

// What is looked at before a system call is made.
public sealed partial class UserThread
{
    /// <summary>A bit of <see cref="SystemCallWork"/>: the thread has a <see cref="SeccompMode"/>.</summary>
    public const int WorkSeccomp = 1;

    [Atomic]
    private int _systemCallWork;

    [GuardedBy(typeof(Process), nameof(Process.SignalLock), LockFreeReads = true)]
    private SeccompFilter? _seccompFilter;

    /// <summary>Something has to look at each system call of the thread; 0 is the usual. Any context.</summary>
    public int SystemCallWork => Volatile.Read(ref _systemCallWork);

    /// <summary>How its system calls are restricted. Changed by itself, or by another thread of its process.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock), LockFreeReads = true)]
    public SeccompMode SeccompMode { get; private set; }

    /// <summary>Its filters; null for none.</summary>
    public SeccompFilter? SeccompFilter => Volatile.Read(ref _seccompFilter);

    /// <summary>Adds bits to <see cref="SystemCallWork"/>.</summary>
    internal void AddSystemCallWork(int bits) => Interlocked.Or(ref _systemCallWork, bits);

    /// <summary>Takes bits out of it.</summary>
    internal void RemoveSystemCallWork(int bits) => Interlocked.And(ref _systemCallWork, ~bits);

    /// <summary>Sets mode and filters.</summary>
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    internal void SetSeccomp(SeccompMode mode, SeccompFilter? filter)
    {
        filter?.AddThread();
        SeccompFilter? old = _seccompFilter;

        // The filter first: who sees the mode finds it.
        Volatile.Write(ref _seccompFilter, filter);
        SeccompMode = mode;
        if (mode != SeccompMode.None)
        {
            AddSystemCallWork(WorkSeccomp);
        }

        // The new filters come after the old ones, so no listener loses its last thread here.
        old?.RemoveThread();
    }

    /// <summary>A new thread is restricted as its maker is at the moment when it becomes visible, and cannot gain rights if that one cannot.</summary>
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    internal void InheritSeccomp(UserThread maker)
    {
        if (maker.SeccompMode != SeccompMode.None)
        {
            SetSeccomp(maker.SeccompMode, maker.SeccompFilter);
        }

        if (maker.NoNewPrivileges)
        {
            NoNewPrivileges = true;
        }
    }

    /// <summary>The thread ends, or was never started: it makes no more calls.</summary>
    internal void DropSeccomp()
    {
        SeccompFilter? old;
        using (Process.SignalLock.Enter())
        {
            old = _seccompFilter;
            Volatile.Write(ref _seccompFilter, null);
            SeccompMode = SeccompMode.None;
        }

        // Who listens is told without the lock, since what is told may be a signal.
        old?.RemoveThread();
    }
}
