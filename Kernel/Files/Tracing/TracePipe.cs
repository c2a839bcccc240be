using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Tracing;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Tracing;

/// <summary>
/// /sys/kernel/tracing/trace_pipe: gives each record once, and waits for more (Documentation/trace/ftrace.rst, "trace_pipe"). What is read is gone, from the file <c>trace</c>, too. Tracepoints are passed where
/// nobody can be woken, under the scheduler's own locks too; so, as long as the file is open, a look at the rings every few milliseconds wakes who waits.
/// </summary>
internal sealed class TracePipe(SystemFileSystem fileSystem) : Inode(fileSystem, fileSystem.NextNumber(), new NewInode(FileMode.Regular | OwnerReads, 0, 0))
{
    private const uint OwnerReads = 0x100;
    private const ulong Interval = 10_000_000;

    private static readonly PollQueue s_readers = new("trace_pipe");
    private static readonly Looker s_looker = new();

    [Atomic]
    private static int s_open;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = new Reader(path, this, flags);
        if (Interlocked.Increment(ref s_open) == 1)
        {
            s_looker.QueueAfter(Interval);
        }

        return Errno.Ok;
    }

    private static bool HasRecords => Tracepoints.Count.Kept > 0;

    private sealed class Reader : OpenFile
    {
        private readonly Mutex _lock = new("trace_pipe");

        // Text of records that were taken and did not fit into what was read last.
        [GuardedBy(nameof(_lock))]
        private readonly TextBuilder _text = new();

        [GuardedBy(nameof(_lock), LockFreeReads = true)]
        private int _position;

        [GuardedBy(nameof(_lock), LockFreeReads = true)]
        private int _length;

        public Reader(in VfsPath path, Inode inode, OpenFlags flags)
            : base(path, inode, flags)
        {
        }

        /// <inheritdoc/>
        public override bool IsPollable => true;

        /// <inheritdoc/>
        [MightSleep]
        public override long Read(ref DataSink to, long offset)
        {
            using Mutex.Guard reader = _lock.TryEnter(Scheduler.Never, WaitMode.Interruptible);
            if (!reader.Taken)
            {
                return -(long)Errno.ERESTARTSYS;
            }

            if (to.Remaining == 0)
            {
                return 0;
            }

            while (_position == _length)
            {
                _text.Clear();
                TraceText.Take(_text);
                _position = 0;
                _length = _text.Length;
                if (_length == 0 && WaitForRecord() is var error && error != Errno.Ok)
                {
                    return -(long)error;
                }
            }

            int count = to.Write(_text.Text[_position..(int)System.Math.Min(_length, _position + to.Remaining)]);
            _position += count;
            return count > 0 ? count : -(long)Errno.EFAULT;
        }

        /// <inheritdoc/>
        public override PollEvents Poll(PollWatcher? watcher)
        {
            s_readers.Attach(watcher);
            return Volatile.Read(ref _position) < Volatile.Read(ref _length) || HasRecords ? PollEvents.Readable : PollEvents.None;
        }

        /// <inheritdoc/>
        [MightSleep]
        protected override void Closed() => Interlocked.Decrement(ref s_open);

        [MightSleep]
        private Errno WaitForRecord()
        {
            if (IsNonBlocking)
            {
                return HasRecords ? Errno.Ok : Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = s_readers.Begin();
            wait.Prepare();
            return HasRecords || wait.Sleep() != WaitResult.Interrupted ? Errno.Ok : Errno.ERESTARTSYS;
        }
    }

    private sealed class Looker() : DelayedWorkItem(WorkQueues.Default)
    {
        [MightSleep]
        protected override void Execute()
        {
            if (HasRecords)
            {
                s_readers.Wake(PollEvents.Readable);
            }

            // Who opens it from now on starts it again, or it has not looked yet.
            if (Volatile.Read(ref s_open) > 0)
            {
                QueueAfter(Interval);
            }
        }
    }
}
