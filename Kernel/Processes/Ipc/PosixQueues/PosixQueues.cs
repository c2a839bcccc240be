using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>POSIX message queues (mq_overview(7)), by name and by descriptor. Task context. Results are 0 and more, or a negative errno.</summary>
public static class PosixQueues
{
    private const int LongestName = 255;

    /// <summary>Makes the file system <c>mqueue</c> mountable. Once, at boot.</summary>
    [MightSleep]
    public static void Start() => FileSystems.Register(PosixQueueType.Instance);

    /// <summary>Opens a queue (mq_open(3)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="name">Without the slash that the C library takes away.</param>
    /// <param name="flags">Of open(2).</param>
    /// <param name="mode">Permissions of a new one.</param>
    /// <param name="attributes">What a new one is to be made for; null: the default.</param>
    /// <returns>The descriptor.</returns>
    [MightSleep]
    public static long Open(UserThread thread, ReadOnlySpan<byte> name, OpenFlags flags, uint mode, in QueueAttributes? attributes)
    {
        Errno error = CheckName(name);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        FileTable files = thread.Files!;
        error = files.Reserve(out int descriptor, closeOnExec: true);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        OpenFile? file = null;
        try
        {
            error = OpenLocked(thread, name, flags, mode, attributes, out file);
        }
        finally
        {
            if (file is null)
            {
                files.Unreserve(descriptor);
            }
        }

        if (file is null)
        {
            return -(long)error;
        }

        files.Install(descriptor, file);
        return descriptor;
    }

    /// <summary>Takes the name of a queue away (mq_unlink(3)).</summary>
    [MightSleep]
    public static long Unlink(UserThread thread, ReadOnlySpan<byte> name)
    {
        Errno error = CheckName(name);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        PosixQueueDirectory directory = PosixQueueType.Instance.FileSystem.Directory;
        Credentials who = thread.Credentials;
        using (directory.DirectoryLock.Enter())
        {
            if (directory.Find(name) is not { } inode)
            {
                return -(long)Errno.ENOENT;
            }

            error = Vfs.CheckAccess(directory, who, Vfs.Write | Vfs.Execute);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }

            // The directory is sticky unless somebody changed that.
            bool isOwn = who.FileUserId == inode.UserId || who.FileUserId == directory.UserId || who.Has(Capability.FileOwner);
            return (directory.Mode & FileMode.Sticky) != 0 && !isOwn ? -(long)Errno.EPERM : -(long)directory.Unlink(name, inode);
        }
    }

    /// <summary>Sends a message (mq_timedsend(2)).</summary>
    /// <param name="file">What the descriptor is.</param>
    /// <param name="priority">0 to 32767.</param>
    /// <param name="text">The text; the queue keeps it.</param>
    /// <param name="deadline">How long it waits for room.</param>
    [MightSleep]
    public static long Send(OpenFile file, uint priority, byte[] text, SleepDeadline deadline)
    {
        long result = ((PosixQueueFile)file).Queue.Send(new Message(priority, text), !file.IsNonBlocking, deadline);
        if (result == 0)
        {
            file.Inode.TouchModify();
        }

        return result;
    }

    /// <summary>Receives a message (mq_timedreceive(2)).</summary>
    /// <param name="file">What the descriptor is.</param>
    /// <param name="deadline">How long it waits for one.</param>
    /// <param name="priority">Its priority.</param>
    /// <param name="text">Its text, which is not to be changed.</param>
    [MightSleep]
    public static long Receive(OpenFile file, SleepDeadline deadline, out uint priority, out byte[] text)
    {
        long result = ((PosixQueueFile)file).Queue.Receive(!file.IsNonBlocking, deadline, out Message? message);
        priority = (uint)(message?.Type ?? 0);
        text = message?.Text ?? [];
        if (result == 0)
        {
            file.Inode.TouchModify();
        }

        return result;
    }

    /// <summary>The longest message of the queue that a file is; -1: it is no queue.</summary>
    public static int LongestMessage(OpenFile file) => file is PosixQueueFile queue ? queue.Queue.MostBytes : -1;

    /// <summary>The process wants a signal, or nothing, when a message comes into the empty queue (mq_notify(3)).</summary>
    [MightSleep]
    public static Errno Register(UserThread thread, OpenFile file, int method, int signal, ulong value) =>
        ((PosixQueueFile)file).Queue.Register(new PosixQueueSignal(thread.Process, method, signal, value));

    /// <summary>The process wants that no more.</summary>
    [MightSleep]
    public static void Unregister(UserThread thread, OpenFile file)
    {
        if (((PosixQueueFile)file).Queue.Unregister(thread.Process.Id))
        {
            file.Inode.TouchChange();
        }
    }

    /// <summary>What mq_getattr(3) tells.</summary>
    public static QueueAttributes Describe(OpenFile file)
    {
        PosixQueue queue = ((PosixQueueFile)file).Queue;
        return new QueueAttributes
        {
            Flags = (long)(file.Flags & OpenFlags.NonBlocking),
            MostMessages = queue.MostMessages,
            MostBytes = queue.MostBytes,
            Messages = queue.Count,
        };
    }

    // A name is one component of a path.
    private static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return Errno.ENOENT;
        }

        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.Contains((byte)'/'))
        {
            return Errno.EACCES;
        }

        return name.Length > LongestName ? Errno.ENAMETOOLONG : Errno.Ok;
    }

    [MightSleep]
    private static Errno OpenLocked(UserThread thread, ReadOnlySpan<byte> name, OpenFlags flags, uint mode, in QueueAttributes? attributes, out OpenFile? file)
    {
        file = null;
        PosixQueueDirectory directory = PosixQueueType.Instance.FileSystem.Directory;
        Credentials who = thread.Credentials;
        using (directory.DirectoryLock.Enter())
        {
            string shown = "/" + Encoding.Latin1.GetString(name);
            if (directory.Find(name) is { } found)
            {
                Errno checkedOpen = CheckOpen(found, who, flags);
                return checkedOpen == Errno.Ok ? found.Open(default, flags, shown, out file) : checkedOpen;
            }

            PosixQueueInode? made = null;
            try
            {
                Errno error = Create(thread, directory, name, flags, mode, attributes, out made);
                return error == Errno.Ok ? made!.Open(default, flags, shown, out file) : error;
            }
            finally
            {
                if (file is null && made is not null)
                {
                    // Nothing is left of a queue that cannot be opened.
                    _ = directory.Unlink(name, made);
                }
            }
        }
    }

    private static Errno CheckOpen(PosixQueueInode inode, Credentials who, OpenFlags flags)
    {
        const OpenFlags New = OpenFlags.Create | OpenFlags.Exclusive;
        if ((flags & New) == New)
        {
            return Errno.EEXIST;
        }

        OpenFlags access = flags & OpenFlags.AccessMode;
        if (access == OpenFlags.AccessMode)
        {
            return Errno.EINVAL;
        }

        return Vfs.CheckAccess(inode, who, access switch { OpenFlags.ReadOnly => Vfs.Read, OpenFlags.WriteOnly => Vfs.Write, _ => Vfs.Read | Vfs.Write });
    }

    [MightSleep]
    private static Errno Create(
        UserThread thread, PosixQueueDirectory directory, ReadOnlySpan<byte> name, OpenFlags flags, uint mode, in QueueAttributes? attributes, out PosixQueueInode? inode)
    {
        inode = null;
        if ((flags & OpenFlags.Create) == 0)
        {
            return Errno.ENOENT;
        }

        Credentials who = thread.Credentials;
        Errno error = Vfs.CheckAccess(directory, who, Vfs.Write | Vfs.Execute);
        if (error != Errno.Ok)
        {
            return error;
        }

        uint permissions = mode & FileMode.PermissionMask & ~thread.FileSystem!.Umask;
        NewInode made = new(FileMode.Regular | permissions, who.FileUserId, who.FileGroupId);
        return directory.Create(name, made, attributes ?? PosixQueueLimits.Default, out inode);
    }

    /// <summary>A signal with SI_MESGQ, or nothing.</summary>
    private sealed class PosixQueueSignal(Process process, int method, int signal, ulong value) : PosixQueueNotification(process.Id, method, signal)
    {
        [MightSleep]
        public override void Deliver()
        {
            // Signal 0 is a legal way to be told nothing.
            if (Method == TimerConstants.NotifySignal && Signal != 0 && TaskStruct.Current.Signals is UserThread sender)
            {
                SignalInfo info = SignalInfo.FromUser(Signal, SignalCode.SI_MESGQ, sender.Process.Id, sender.Credentials.UserId);
                info.Word1 = value;

                // When as many are queued as the receiver may have, this one is lost, as on Linux. The message was sent, so a lack of memory is no error of the sender.
                try
                {
                    _ = Signals.Send(process, info);
                }
                catch (OutOfMemoryException)
                {
                    _ = Signals.SendAtomic(process, info);
                }
            }
        }
    }
}
