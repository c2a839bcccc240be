using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>signalfd(2): reading takes signals that wait for the reading thread or its process. Which signals those are depends on who reads, not on who made the file.</summary>
public sealed class SignalFile : OpenFile
{
    [Atomic]
    private ulong _set;

    /// <summary>Makes one with one reference. Task context.</summary>
    /// <param name="set">The signals; SIGKILL and SIGSTOP are left out.</param>
    /// <param name="flags">O_NONBLOCK or none.</param>
    public SignalFile(SignalSet set, OpenFlags flags)
        : base(default, AnonymousInode.Instance, flags | OpenFlags.ReadWrite)
    {
        Set = set;
    }

    /// <summary>The signals.</summary>
    public SignalSet Set
    {
        get => new(Volatile.Read(ref _set));
        set => Volatile.Write(ref _set, value.Without(SignalSet.Unstoppable).Bits);
    }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[signalfd]";

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        UserThread thread = UserThread.Current;
        if (to.Remaining < EventConstants.SignalInfoBytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (!TryTake(thread, out SignalInfo info))
        {
            if (IsNonBlocking)
            {
                return -(long)Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = thread.Process.SignalReaders.Begin();
            while (true)
            {
                wait.Prepare();
                if (TryTake(thread, out info))
                {
                    break;
                }

                if (wait.Sleep() != WaitResult.Woken)
                {
                    return -(long)Errno.ERESTARTSYS;
                }
            }
        }

        long total = 0;
        Span<byte> record = stackalloc byte[EventConstants.SignalInfoBytes];
        do
        {
            Write(record, info);
            if (to.Write(record) < record.Length)
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }

            total += record.Length;
        }
        while (to.Remaining >= record.Length && TryTake(thread, out info));
        return total;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        UserThread thread = UserThread.Current;
        thread.Process.SignalReaders.Attach(watcher);
        return ((thread.PendingSet | thread.Process.PendingSet) & Set).IsEmpty ? PollEvents.None : PollEvents.Readable;
    }

    private bool TryTake(UserThread thread, out SignalInfo info)
    {
        Process process = thread.Process;
        using (process.SignalLock.Enter())
        {
            if (!process.TryTake(thread, Set, out info))
            {
                return false;
            }

            process.Recalculate(thread);
            return true;
        }
    }

    // struct signalfd_siginfo: the same facts as siginfo_t, each at a place of its own.
    private static void Write(Span<byte> record, in SignalInfo info)
    {
        record.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, info.Number);
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], info.Error);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], info.Code);
        if (info.Code == SignalCode.SI_TIMER)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record[24..], (uint)info.Word0);
            BinaryPrimitives.WriteUInt32LittleEndian(record[32..], (uint)(info.Word0 >> 32));
            WriteValue(record, info.Word1);
            return;
        }

        bool isFault = info.IsFromKernel && info.Number is Signal.SIGSEGV or Signal.SIGBUS or Signal.SIGILL or Signal.SIGFPE or Signal.SIGTRAP;
        if (isFault && info.Code != SignalCode.SI_KERNEL)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(record[72..], info.Word0);
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)info.Pid);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], info.Uid);
        if (info.Number == Signal.SIGCHLD && info.IsFromKernel)
        {
            BinaryPrimitives.WriteInt32LittleEndian(record[40..], info.Status);
            BinaryPrimitives.WriteUInt64LittleEndian(record[56..], info.Word2);
            BinaryPrimitives.WriteUInt64LittleEndian(record[64..], info.Word3);
        }
        else
        {
            WriteValue(record, info.Word1);
        }
    }

    private static void WriteValue(Span<byte> record, ulong value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[44..], (int)value);
        BinaryPrimitives.WriteUInt64LittleEndian(record[48..], value);
    }
}
