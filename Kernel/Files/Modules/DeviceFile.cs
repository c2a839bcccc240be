using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Modules;

/// <summary>
/// One opening of a module's character device. Operations are called in task context, without any lock, by any number of tasks at once, until <see cref="Closed"/>. They return a count or a negative
/// errno. An exception that leaves one is reported with the module's name, and the caller gets EIO; for lack of memory ENOMEM.
/// <para>
/// User memory is reached only through what the operations are given: <see cref="DataSink"/>, <see cref="DataSource"/> and <see cref="ControlArgument"/>, which check every address. Touching it may
/// sleep, so it is not done with a spin lock held.
/// </para>
/// </summary>
public abstract class DeviceFile
{
    /// <summary>Access mode and status flags now. Any context.</summary>
    public OpenFlags Flags => Opened?.Flags ?? default;

    /// <summary>Operations do not wait (O_NONBLOCK): EAGAIN instead. Any context.</summary>
    public bool IsNonBlocking => (Flags & OpenFlags.NonBlocking) != 0;

    /// <summary>It has a position: read and write get offsets, lseek and pread work. Default: no. Constant.</summary>
    public virtual bool IsSeekable => false;

    /// <summary>Where SEEK_END is, for files with a position, in bytes.</summary>
    public virtual long Size => 0;

    /// <summary>O_ASYNC sends signals, through the queues that <see cref="Poll"/> attaches to. Default: no. Constant.</summary>
    public virtual bool SupportsAsync => false;

    [Protocol("Set once, before anybody sees the file.")]
    internal OpenFile? Opened { get; set; }

    /// <summary>Reads (read(2)). Default: EINVAL.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="offset">Where in the file, when <see cref="IsSeekable"/>; otherwise -1.</param>
    /// <returns>Bytes read, 0 at the end; EFAULT only if nothing was read; ERESTARTSYS when a signal ended a wait.</returns>
    [MightSleep]
    public virtual long Read(ref DataSink to, long offset) => -(long)Errno.EINVAL;

    /// <summary>Writes (write(2)). Default: EINVAL.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="offset">As for <see cref="Read"/>.</param>
    /// <returns>Bytes written.</returns>
    [MightSleep]
    public virtual long Write(ref DataSource from, long offset) => -(long)Errno.EINVAL;

    /// <summary>Device-specific requests (ioctl(2)). Default: ENOTTY.</summary>
    /// <param name="request">The request.</param>
    /// <param name="argument">Its argument: a number, or a place in user memory.</param>
    [MightSleep]
    public virtual long Control(uint request, ControlArgument argument) => -(long)Errno.ENOTTY;

    /// <summary>What the file is ready for (poll(2)): first attaches the watcher to the queues that are woken when that changes, then looks. Default: always readable and writable.</summary>
    /// <param name="watcher">Wants to know of changes (<see cref="PollQueue.Attach"/>); null: only look.</param>
    public virtual PollEvents Poll(PollWatcher? watcher) => PollEvents.Readable | PollEvents.Writable;

    /// <summary>What mmap(2) maps: a <see cref="DeviceMemoryObject"/> for memory of the device. The module is in use as long as it is mapped. Default: ENODEV.</summary>
    [MightSleep]
    public virtual Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = null;
        return Errno.ENODEV;
    }

    /// <summary>The last descriptor is gone. Once; no other operation runs or follows.</summary>
    [MightSleep]
    public virtual void Closed()
    {
    }
}
