using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>Control data that goes with a message (cmsg(3), unix(7)).</summary>
internal static class ControlData
{
    private const int StackBytes = 512;
    private const int DescriptorBytes = 4;
    private const ulong Alignment = 8;

    /// <summary>Reads control data, and takes the files of the descriptors in it.</summary>
    /// <param name="thread">Who sends.</param>
    /// <param name="address">Where the data is.</param>
    /// <param name="bytes">How much there is.</param>
    /// <param name="message">Files and identity go here. The files are counted as in flight.</param>
    /// <returns>ENOBUFS: too much; EFAULT; EINVAL: not well formed; EBADF; EPERM, ESRCH: the identity is a lie; ETOOMANYREFS.</returns>
    [MightSleep]
    public static Errno Read(UserThread thread, [UserAddress] ulong address, ulong bytes, ref OutgoingMessage message)
    {
        if (bytes == 0)
        {
            return Errno.Ok;
        }

        if (bytes >= (ulong)SocketSettings.Control)
        {
            return Errno.ENOBUFS;
        }

        Span<byte> data = bytes <= StackBytes ? stackalloc byte[StackBytes] : new byte[bytes];
        data = data[..(int)bytes];
        if (!UserMemory.TryRead(address, data))
        {
            return Errno.EFAULT;
        }

        var files = new OpenFile[SocketLimits.FilesInMessage];
        int count = 0;
        Errno error = Parse(thread, data, files, ref count, ref message);
        if (error == Errno.Ok && count != 0)
        {
            var passed = new PassedFiles(files.AsSpan(0, count));
            count = 0;
            error = FilesInFlight.Add(passed);
            if (error == Errno.Ok)
            {
                message.Files = passed;
            }
            else
            {
                passed.Release();
            }
        }

        for (int i = 0; i < count; i++)
        {
            files[i].Release();
        }

        return error;
    }

    /// <summary>Writes what came with a message as control data.</summary>
    /// <param name="thread">Who receives.</param>
    /// <param name="address">Where it goes; 0: nowhere.</param>
    /// <param name="bytes">How much room there is.</param>
    /// <param name="flags">Of the call.</param>
    /// <param name="message">What came. Its files are installed or released.</param>
    /// <param name="told">Flags to be told.</param>
    /// <returns>Bytes written.</returns>
    [MightSleep]
    public static ulong Write(UserThread thread, [UserAddress] ulong address, ulong bytes, MessageFlags flags, ref IncomingMessage message, ref MessageFlags told)
    {
        ulong left = address == 0 ? 0 : bytes;
        ulong place = address;
        if (message.TimestampOption != 0)
        {
            WriteTimestamp(ref place, ref left, message, ref told);
        }

        if (message.Identity is { } identity)
        {
            Span<byte> value = stackalloc byte[UserIdentity.Size];
            BinaryPrimitives.WriteInt32LittleEndian(value, identity.Process);
            BinaryPrimitives.WriteUInt32LittleEndian(value[4..], identity.UserId);
            BinaryPrimitives.WriteUInt32LittleEndian(value[8..], identity.GroupId);
            Put(ref place, ref left, ControlMessageType.Credentials, value, ref told);
        }

        if (message.Files is { } files)
        {
            message.Files = null;
            PutFiles(thread, ref place, ref left, files, (flags & MessageFlags.CloseOnExec) != 0, ref told);
            files.Release();
        }

        return place - address;
    }

    [MightSleep]
    private static Errno Parse(UserThread thread, scoped ReadOnlySpan<byte> data, OpenFile[] files, ref int count, ref OutgoingMessage message)
    {
        while (data.Length >= ControlHeader.Size)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(data);
            if (length < ControlHeader.Size || length > (ulong)data.Length)
            {
                return Errno.EINVAL;
            }

            int level = BinaryPrimitives.ReadInt32LittleEndian(data[8..]);
            int type = BinaryPrimitives.ReadInt32LittleEndian(data[12..]);
            ReadOnlySpan<byte> value = data[ControlHeader.Size..(int)length];
            Errno error = Errno.Ok;
            if (level == SocketOption.Level)
            {
                error = type switch
                {
                    ControlMessageType.Rights => TakeFiles(thread, value, files, ref count),
                    ControlMessageType.Credentials => TakeIdentity(thread, value, ref message),
                    _ => Errno.EINVAL,
                };
            }

            if (error != Errno.Ok)
            {
                return error;
            }

            ulong next = (length + Alignment - 1) & ~(Alignment - 1);
            data = next < (ulong)data.Length ? data[(int)next..] : default;
        }

        return Errno.Ok;
    }

    [MightSleep]
    private static Errno TakeFiles(UserThread thread, scoped ReadOnlySpan<byte> value, OpenFile[] files, ref int count)
    {
        int more = value.Length / DescriptorBytes;
        if (more > files.Length - count)
        {
            return Errno.EINVAL;
        }

        for (int i = 0; i < more; i++)
        {
            Errno error = thread.Files!.TryGet(BinaryPrimitives.ReadInt32LittleEndian(value[(i * DescriptorBytes)..]), out OpenFile? file);
            if (error != Errno.Ok)
            {
                return error;
            }

            files[count++] = file!;
        }

        return Errno.Ok;
    }

    [MightSleep]
    private static Errno TakeIdentity(UserThread thread, scoped ReadOnlySpan<byte> value, ref OutgoingMessage message)
    {
        if (value.Length != UserIdentity.Size)
        {
            return Errno.EINVAL;
        }

        int process = BinaryPrimitives.ReadInt32LittleEndian(value);
        uint user = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
        uint group = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
        if (user == uint.MaxValue || group == uint.MaxValue)
        {
            return Errno.EINVAL;
        }

        Credentials own = thread.Credentials;
        bool isOwnUser = user == own.UserId || user == own.EffectiveUserId || user == own.SavedUserId || own.Has(Capability.SetUid);
        bool isOwnGroup = group == own.GroupId || group == own.EffectiveGroupId || group == own.SavedGroupId || own.Has(Capability.SetGid);
        bool isOwnProcess = process == thread.Process.Id || own.Has(Capability.SysAdmin);
        if (!isOwnUser || !isOwnGroup || !isOwnProcess)
        {
            return Errno.EPERM;
        }

        if (process != thread.Process.Id && ProcessTable.Find(process) is null)
        {
            return Errno.ESRCH;
        }

        message.Identity = new UserIdentity(process, user, group);
        return Errno.Ok;
    }

    [MightSleep]
    private static void WriteTimestamp([UserAddress] ref ulong place, ref ulong left, in IncomingMessage message, ref MessageFlags told)
    {
        const long NanosecondsPerSecond = 1_000_000_000;
        bool isExact = message.TimestampOption is SocketOption.TimestampNanoseconds or SocketOption.NewTimestampNanoseconds;
        Span<byte> value = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(value, message.Timestamp / NanosecondsPerSecond);
        long rest = message.Timestamp % NanosecondsPerSecond;
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], isExact ? rest : rest / 1000);
        Put(ref place, ref left, message.TimestampOption, value, ref told);
    }

    // What does not fit is cut.
    [MightSleep]
    private static void Put([UserAddress] ref ulong place, ref ulong left, int type, ReadOnlySpan<byte> value, ref MessageFlags told)
    {
        if (left < ControlHeader.Size)
        {
            told |= MessageFlags.ControlTruncated;
            return;
        }

        ulong length = ControlHeader.Size + (ulong)value.Length;
        if (left < length)
        {
            told |= MessageFlags.ControlTruncated;
            length = left;
        }

        Span<byte> header = stackalloc byte[ControlHeader.Size];
        WriteHeader(header, length, type);
        if (!UserMemory.TryWrite(place, header) || !UserMemory.TryWrite(place + ControlHeader.Size, value[..(int)(length - ControlHeader.Size)]))
        {
            return;
        }

        ulong space = Math.Min((ControlHeader.Size + (ulong)value.Length + Alignment - 1) & ~(Alignment - 1), left);
        place += space;
        left -= space;
    }

    [MightSleep]
    private static void PutFiles(UserThread thread, [UserAddress] ref ulong place, ref ulong left, PassedFiles files, bool closesOnExec, ref MessageFlags told)
    {
        ulong room = left > ControlHeader.Size ? (left - ControlHeader.Size) / DescriptorBytes : 0;
        int most = (int)Math.Min(room, (ulong)files.Files.Length);
        int done = 0;
        while (done < most && TryInstall(thread, place + ControlHeader.Size + ((ulong)done * DescriptorBytes), files.Files[done], closesOnExec))
        {
            done++;
        }

        if (done < files.Files.Length)
        {
            told |= MessageFlags.ControlTruncated;
        }

        if (done == 0)
        {
            return;
        }

        ulong length = ControlHeader.Size + ((ulong)done * DescriptorBytes);
        Span<byte> header = stackalloc byte[ControlHeader.Size];
        WriteHeader(header, length, ControlMessageType.Rights);
        if (UserMemory.TryWrite(place, header))
        {
            ulong space = Math.Min((length + Alignment - 1) & ~(Alignment - 1), left);
            place += space;
            left -= space;
        }
    }

    [MightSleep]
    private static bool TryInstall(UserThread thread, [UserAddress] ulong address, OpenFile file, bool closesOnExec)
    {
        FileTable table = thread.Files!;
        if (table.Reserve(out int descriptor, 0, closesOnExec) != Errno.Ok)
        {
            return false;
        }

        if (!UserMemory.TryWrite(address, (uint)descriptor))
        {
            table.Unreserve(descriptor);
            return false;
        }

        file.AddReference();
        table.Install(descriptor, file);
        return true;
    }

    private static void WriteHeader(Span<byte> header, ulong length, int type)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], SocketOption.Level);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], type);
    }
}
