using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Polling;
using CosmosKernel.Processes.ProcFs;

namespace CosmosKernel.Processes;

/// <summary>pidfd_open(2): a process by a descriptor, which means the same process whatever becomes of its number. It is readable when the process has ended.</summary>
public sealed class ProcessFile : OpenFile
{
    /// <summary>Makes one with one reference. Task context.</summary>
    /// <param name="process">The process.</param>
    /// <param name="flags">O_NONBLOCK or none.</param>
    public ProcessFile(Process process, OpenFlags flags)
        : base(default, AnonymousInode.Instance, flags | OpenFlags.ReadWrite)
    {
        Process = process;
    }

    /// <summary>The process that a file stands for in pidfd_send_signal(2): a pidfd, or the directory /proc/PID. Null: another file.</summary>
    public static Process? Find(OpenFile? file) => file is ProcessFile own ? own.Process : file is { IsPathOnly: false, Inode: ProcDirectory directory } ? directory.Process : null;

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[pidfd]";

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        Process.EndWatchers.Attach(watcher);
        return Process.IsZombie ? PollEvents.Readable : PollEvents.None;
    }
}
