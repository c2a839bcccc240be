using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>A file that the thread of a notification is to get a descriptor of (SECCOMP_IOCTL_NOTIF_ADDFD). The thread does it itself.</summary>
internal sealed class SeccompDescriptor(OpenFile file, int descriptor, bool isFixed, bool closeOnExec, bool answers)
{
    /// <summary>The file; whoever gives it keeps it until <see cref="IsDone"/>.</summary>
    public OpenFile File { get; } = file;

    /// <summary>Which number, if <see cref="IsFixed"/>.</summary>
    public int Descriptor { get; } = descriptor;

    /// <summary>The number is given.</summary>
    public bool IsFixed { get; } = isFixed;

    /// <summary>It closes at execve(2).</summary>
    public bool ClosesOnExec { get; } = closeOnExec;

    /// <summary>The number is the call's result, too (SECCOMP_ADDFD_FLAG_SEND).</summary>
    public bool Answers { get; } = answers;

    /// <summary>The number that it got, or a negative errno.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    public long Result { get; set; }

    /// <summary>It was done, or the thread has gone.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock), LockFreeReads = true)]
    public bool IsDone { get; set; }

    /// <summary>The next one.</summary>
    [GuardedBy(typeof(SeccompListener), nameof(SeccompListener.Lock))]
    public SeccompDescriptor? Next { get; set; }
}
