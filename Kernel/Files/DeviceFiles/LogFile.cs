using System;
using System.Globalization;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>/dev/kmsg: each read gives one line of the kernel log with level, number and time, each write adds one.</summary>
internal sealed class LogFile : OpenFile
{
    private const int LongestWrite = 1024 - 32;

    private readonly Mutex _lock = new("kernel log reader");

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private long _next;

    public LogFile(in VfsPath path, Inode inode, OpenFlags flags)
        : base(path, inode, flags)
    {
    }

    /// <summary>New lines wake readers. Once, at boot.</summary>
    public static void Listen() => KernelLog.Listener = new Waker();

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        using Mutex.Guard reader = _lock.TryEnter(Tasks.Scheduling.Scheduler.Never, WaitMode.Interruptible);
        if (!reader.Taken)
        {
            return -(long)Errno.ERESTARTSYS;
        }

        while (true)
        {
            long number = _next;
            if (KernelLog.TryGet(ref number, out LogLine line))
            {
                if (number > _next)
                {
                    // Lines were lost; the next read goes on with the oldest that is there.
                    _next = number;
                    return -(long)Errno.EPIPE;
                }

                byte[] record = Encoding.UTF8.GetBytes(Format(number, line));
                if (record.Length > to.Remaining)
                {
                    return -(long)Errno.EINVAL;
                }

                to.Write(record);
                if (to.Faulted)
                {
                    return -(long)Errno.EFAULT;
                }

                _next = number + 1;
                return record.Length;
            }

            if (IsNonBlocking)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!LogReaders.WaitForLine(number))
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        if (from.Remaining > LongestWrite)
        {
            return -(long)Errno.EINVAL;
        }

        byte[] bytes = new byte[from.Remaining];
        int count = from.Read(bytes);
        if (from.Faulted)
        {
            return -(long)Errno.EFAULT;
        }

        string text = Encoding.UTF8.GetString(bytes, 0, count).TrimEnd('\n', '\0');
        var level = LogLevel.Warning;
        int end = text.IndexOf('>');
        if (text.StartsWith('<') && end > 1 && int.TryParse(text.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int priority))
        {
            level = (LogLevel)(priority & 7);
            text = text[(end + 1)..];
        }

        KernelLog.Write(level, text);
        return count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin)
    {
        if (offset != 0)
        {
            return -(long)Errno.ESPIPE;
        }

        using (_lock.Enter())
        {
            switch (origin)
            {
                case 0:
                    _next = 0;
                    return 0;
                case 2:
                    _next = KernelLog.Written;
                    return 0;
                default:
                    return -(long)Errno.EINVAL;
            }
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        LogReaders.Queue.Attach(watcher);
        bool hasMore = System.Threading.Volatile.Read(ref _next) < KernelLog.Written;
        return hasMore ? PollEvents.Readable | PollEvents.Writable : PollEvents.Writable;
    }

    private static string Format(long number, in LogLine line)
    {
        string text = line.Text.Replace("\n", "\n ", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)line.Level},{number},{line.Nanoseconds / 1000},-;{text}\n");
    }

    private sealed class Waker : KernelLogListener
    {
        [NoAllocation]
        public override void LineAdded() => LogReaders.Queue.Wake(PollEvents.Readable);
    }
}
