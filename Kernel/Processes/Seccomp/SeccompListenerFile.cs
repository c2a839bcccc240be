using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Security;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>The descriptor of a <see cref="SeccompListener"/>, and its requests (seccomp_unotify(2)).</summary>
public sealed class SeccompListenerFile : OpenFile
{
    // SECCOMP_IOCTL_NOTIF_RECV, _SEND, _ID_VALID (and its number from before Linux 5.17), _ADDFD.
    private const uint ReceiveRequest = 0xC050_2100;
    private const uint AnswerRequest = 0xC018_2101;
    private const uint IsValidRequest = 0x4008_2102;
    private const uint IsValidRequestOld = 0x8008_2102;
    private const uint GiveRequest = 0x4018_2103;

    private const uint FlagContinue = 1;
    private const uint FlagFixed = 1;
    private const uint FlagAnswer = 2;
    private const int DescriptorBytes = 24;

    private readonly SeccompListener _listener;

    /// <summary>Makes one with one reference. Task context.</summary>
    public SeccompListenerFile(SeccompListener listener)
        : base(default, AnonymousInode.Instance, OpenFlags.ReadWrite)
    {
        _listener = listener;
    }

    /// <inheritdoc/>
    public override string Description => "anon_inode:seccomp notify";

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument) => request switch
    {
        ReceiveRequest => Receive(argument),
        AnswerRequest => Answer(argument),
        IsValidRequest or IsValidRequestOld => IsValid(argument),
        GiveRequest => Give(argument),
        _ => -(long)Errno.EINVAL,
    };

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        _listener.Readers.Attach(watcher);
        return _listener.State;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => _listener.Close();

    // struct seccomp_notif: id, pid, flags, the call.
    [MightSleep]
    private long Receive([UserAddress] ulong to)
    {
        Span<byte> record = stackalloc byte[SeccompConstants.NotificationBytes];
        if (!UserMemory.TryRead(to, record))
        {
            return -(long)Errno.EFAULT;
        }

        if (record.ContainsAnyExcept((byte)0))
        {
            return -(long)Errno.EINVAL;
        }

        if (_listener.Receive() is not { } call)
        {
            return -(long)Errno.EINTR;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(record, call.Id);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], call.Thread.Id);
        ReadOnlySpan<uint> data = call.Data;
        for (int i = 0; i < data.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record[(16 + (i * sizeof(uint)))..], data[i]);
        }

        if (UserMemory.TryWrite(to, record))
        {
            return 0;
        }

        _listener.PutBack(call);
        return -(long)Errno.EFAULT;
    }

    // struct seccomp_notif_resp: id, val, error, flags.
    [MightSleep]
    private long Answer([UserAddress] ulong from)
    {
        Span<byte> record = stackalloc byte[SeccompConstants.ResponseBytes];
        if (!UserMemory.TryRead(from, record))
        {
            return -(long)Errno.EFAULT;
        }

        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(record);
        long value = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
        int error = BinaryPrimitives.ReadInt32LittleEndian(record[16..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        if ((flags & ~FlagContinue) != 0 || (flags != 0 && (error != 0 || value != 0)))
        {
            return -(long)Errno.EINVAL;
        }

        return -(long)_listener.Answer(id, value, error, flags != 0);
    }

    [MightSleep]
    private long IsValid([UserAddress] ulong from) =>
        !UserMemory.TryRead(from, out ulong id) ? -(long)Errno.EFAULT : _listener.IsReceived(id) ? 0 : -(long)Errno.ENOENT;

    // struct seccomp_notif_addfd: id, flags, srcfd, newfd, newfd_flags.
    [MightSleep]
    private long Give([UserAddress] ulong from)
    {
        Span<byte> record = stackalloc byte[DescriptorBytes];
        if (!UserMemory.TryRead(from, record))
        {
            return -(long)Errno.EFAULT;
        }

        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(record);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        int source = BinaryPrimitives.ReadInt32LittleEndian(record[12..]);
        int target = BinaryPrimitives.ReadInt32LittleEndian(record[16..]);
        uint targetFlags = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        if ((targetFlags & ~(uint)OpenFlags.CloseOnExec) != 0 || (flags & ~(FlagFixed | FlagAnswer)) != 0 || (target != 0 && (flags & FlagFixed) == 0))
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference file = FileTable.Current!.Get(source);
        return file.File is not { } given
            ? -(long)Errno.EBADF
            : _listener.Give(id, new SeccompDescriptor(given, target, (flags & FlagFixed) != 0, targetFlags != 0, (flags & FlagAnswer) != 0));
    }
}
