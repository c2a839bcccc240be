using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>What setsockopt(2) and getsockopt(2) do at the level SOL_SOCKET (socket(7)): the same for all families.</summary>
internal static class SocketOptionRules
{
    // Bytes of the smallest buffers: two small messages as Linux counts them, and one.
    private const int SmallestSendBuffer = 4608;
    private const int SmallestReceiveBuffer = 2304;
    private const int HighestPriority = 6;
    private const int IntBytes = 4;
    private const int LingerBytes = 8;
    private const int TimeBytes = 16;
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long NanosecondsPerMicrosecond = 1000;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long LongestSeconds = long.MaxValue / NanosecondsPerSecond / 2;

    /// <summary>Sets an option.</summary>
    /// <returns>EINVAL: too few bytes; ENOPROTOOPT: there is none, or it is read only; EPERM; EDOM.</returns>
    [MightSleep]
    public static Errno Set(Socket socket, int name, ReadOnlySpan<byte> value)
    {
        SocketOptions options = socket.Options;
        if (value.Length < IntBytes)
        {
            return Errno.EINVAL;
        }

        int number = BinaryPrimitives.ReadInt32LittleEndian(value);
        switch (name)
        {
            case SocketOption.Debug:
                if (number != 0 && !Credentials.Current.Has(Capability.NetAdmin))
                {
                    return Errno.EACCES;
                }

                options.Set(name, number != 0);
                return Errno.Ok;
            case SocketOption.ReuseAddress:
            case SocketOption.DontRoute:
            case SocketOption.Broadcast:
            case SocketOption.KeepAlive:
            case SocketOption.OutOfBandInline:
            case SocketOption.NoCheck:
            case SocketOption.PassCredentials:
            case SocketOption.PassSecurity:
                options.Set(name, number != 0);
                return Errno.Ok;
            case SocketOption.BsdCompatible:
                return Errno.Ok;
            case SocketOption.ReusePort:
                // Only the Internet's families have ports.
                return number != 0 ? Errno.EOPNOTSUPP : Errno.Ok;
            case SocketOption.SendBuffer:
                SetSendBuffer(socket, Math.Min((uint)number, (uint)SocketSettings.SendMaximum));
                return Errno.Ok;
            case SocketOption.SendBufferForce:
                return Force(number, size => SetSendBuffer(socket, size));
            case SocketOption.ReceiveBuffer:
                SetReceiveBuffer(options, Math.Min((uint)number, (uint)SocketSettings.ReceiveMaximum));
                return Errno.Ok;
            case SocketOption.ReceiveBufferForce:
                return Force(number, size => SetReceiveBuffer(options, size));
            case SocketOption.Priority:
                if (number is < 0 or > HighestPriority && !Credentials.Current.Has(Capability.NetRaw) && !Credentials.Current.Has(Capability.NetAdmin))
                {
                    return Errno.EPERM;
                }

                options.Priority = number;
                return Errno.Ok;
            case SocketOption.Mark:
                if (!Credentials.Current.Has(Capability.NetRaw) && !Credentials.Current.Has(Capability.NetAdmin))
                {
                    return Errno.EPERM;
                }

                options.Mark = number;
                return Errno.Ok;
            case SocketOption.ReceiveLowWater:
                options.LowWater = number < 0 ? int.MaxValue : Math.Max(number, 1);
                return Errno.Ok;
            case SocketOption.PeekOffset:
                options.PeekOffset = number;
                return Errno.Ok;
            case SocketOption.Linger:
                return SetLinger(options, value);
            case SocketOption.Timestamp:
            case SocketOption.TimestampNanoseconds:
            case SocketOption.NewTimestamp:
            case SocketOption.NewTimestampNanoseconds:
                options.TimestampOption = number != 0 ? name : 0;
                return Errno.Ok;
            case SocketOption.SendTimeout:
            case SocketOption.NewSendTimeout:
            case SocketOption.ReceiveTimeout:
            case SocketOption.NewReceiveTimeout:
                return SetTimeout(options, name is SocketOption.SendTimeout or SocketOption.NewSendTimeout, value);
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    /// <summary>Reads an option.</summary>
    /// <returns>ENOPROTOOPT; ENOTCONN, ENODATA: there is no peer; ERANGE: no room for all groups; EINVAL.</returns>
    [MightSleep]
    public static Errno Get(Socket socket, int name, int room, out byte[] value, out int needed)
    {
        needed = 0;
        SocketOptions options = socket.Options;
        switch (name)
        {
            case SocketOption.PeerCredentials:
                UserIdentity identity = socket.Peer?.Identity ?? new UserIdentity(0, uint.MaxValue, uint.MaxValue);
                value = new byte[UserIdentity.Size];
                BinaryPrimitives.WriteInt32LittleEndian(value, identity.Process);
                BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(4), identity.UserId);
                BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(8), identity.GroupId);
                return Errno.Ok;
            case SocketOption.PeerGroups:
                return GetGroups(socket.Peer, room, out value, out needed);
            case SocketOption.PeerName:
                return GetPeerName(socket, room, out value);
            case SocketOption.Linger:
                value = new byte[LingerBytes];
                BinaryPrimitives.WriteInt32LittleEndian(value, options.Has(SocketOption.Linger) ? 1 : 0);
                BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(IntBytes), options.LingerSeconds);
                return Errno.Ok;
            case SocketOption.SendTimeout:
            case SocketOption.NewSendTimeout:
                value = EncodeTimeout(options.SendTimeout);
                return Errno.Ok;
            case SocketOption.ReceiveTimeout:
            case SocketOption.NewReceiveTimeout:
                value = EncodeTimeout(options.ReceiveTimeout);
                return Errno.Ok;
            default:
                value = [];
                if (GetNumber(socket, name) is not { } number)
                {
                    return Errno.ENOPROTOOPT;
                }

                value = new byte[IntBytes];
                BinaryPrimitives.WriteInt32LittleEndian(value, number);
                return Errno.Ok;
        }
    }

    private static int? GetNumber(Socket socket, int name)
    {
        SocketOptions options = socket.Options;
        return name switch
        {
            SocketOption.Debug or SocketOption.ReuseAddress or SocketOption.DontRoute or SocketOption.Broadcast or SocketOption.KeepAlive or SocketOption.OutOfBandInline or SocketOption.NoCheck
                or SocketOption.PassCredentials or SocketOption.PassSecurity or SocketOption.ReusePort => options.Has(name) ? 1 : 0,
            SocketOption.BsdCompatible => 0,
            SocketOption.Type => socket.Type,
            SocketOption.Protocol => socket.Protocol,
            SocketOption.Domain => socket.Family,
            SocketOption.Error => (int)socket.TakeError(),
            SocketOption.SendBuffer => options.SendBuffer,
            SocketOption.ReceiveBuffer => options.ReceiveBuffer,
            SocketOption.Priority => options.Priority,
            SocketOption.Mark => options.Mark,
            SocketOption.ReceiveLowWater => options.LowWater,
            SocketOption.SendLowWater => 1,
            SocketOption.AcceptsConnections => socket.IsListening ? 1 : 0,
            SocketOption.PeekOffset => options.PeekOffset,
            SocketOption.Timestamp or SocketOption.TimestampNanoseconds or SocketOption.NewTimestamp or SocketOption.NewTimestampNanoseconds => options.TimestampOption == name ? 1 : 0,
            _ => null,
        };
    }

    private static Errno Force(int number, Action<uint> set)
    {
        if (!Credentials.Current.Has(Capability.NetAdmin))
        {
            return Errno.EPERM;
        }

        set((uint)Math.Max(number, 0));
        return Errno.Ok;
    }

    // Twice what is asked for: the other half is for what a message costs beside its bytes (socket(7)).
    private static void SetSendBuffer(Socket socket, uint size)
    {
        socket.Options.SendBuffer = Math.Max((int)Math.Min(size, int.MaxValue / 2) * 2, SmallestSendBuffer);
        socket.SendBufferChanged();
    }

    private static void SetReceiveBuffer(SocketOptions options, uint size) => options.ReceiveBuffer = Math.Max((int)Math.Min(size, int.MaxValue / 2) * 2, SmallestReceiveBuffer);

    private static Errno SetLinger(SocketOptions options, ReadOnlySpan<byte> value)
    {
        if (value.Length < LingerBytes)
        {
            return Errno.EINVAL;
        }

        bool isOn = BinaryPrimitives.ReadInt32LittleEndian(value) != 0;
        if (isOn)
        {
            options.LingerSeconds = BinaryPrimitives.ReadInt32LittleEndian(value[IntBytes..]);
        }

        options.Set(SocketOption.Linger, isOn);
        return Errno.Ok;
    }

    private static Errno SetTimeout(SocketOptions options, bool isSend, ReadOnlySpan<byte> value)
    {
        if (value.Length < TimeBytes)
        {
            return Errno.EINVAL;
        }

        long seconds = BinaryPrimitives.ReadInt64LittleEndian(value);
        long microseconds = BinaryPrimitives.ReadInt64LittleEndian(value[8..]);
        if (microseconds is < 0 or >= MicrosecondsPerSecond)
        {
            return Errno.EDOM;
        }

        // A negative time waits not at all, none for ever.
        long timeout = seconds < 0 ? 0
            : (seconds | microseconds) == 0 || seconds > LongestSeconds ? SocketOptions.NoTimeout
            : (seconds * NanosecondsPerSecond) + (microseconds * NanosecondsPerMicrosecond);
        if (isSend)
        {
            options.SendTimeout = timeout;
        }
        else
        {
            options.ReceiveTimeout = timeout;
        }

        return Errno.Ok;
    }

    private static byte[] EncodeTimeout(long timeout)
    {
        byte[] value = new byte[TimeBytes];
        timeout = Math.Max(timeout, 0);
        BinaryPrimitives.WriteInt64LittleEndian(value, timeout / NanosecondsPerSecond);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(8), timeout % NanosecondsPerSecond / NanosecondsPerMicrosecond);
        return value;
    }

    private static Errno GetGroups(PeerIdentity? peer, int room, out byte[] value, out int needed)
    {
        value = [];
        needed = 0;
        if (peer is null)
        {
            return Errno.ENODATA;
        }

        ReadOnlySpan<uint> groups = peer.Credentials.Groups;
        needed = groups.Length * IntBytes;
        if (room < needed)
        {
            return Errno.ERANGE;
        }

        value = new byte[needed];
        for (int i = 0; i < groups.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(i * IntBytes), groups[i]);
        }

        return Errno.Ok;
    }

    private static Errno GetPeerName(Socket socket, int room, out byte[] value)
    {
        Errno error = socket.GetName(ofPeer: true, out value);
        if (error != Errno.Ok)
        {
            return Errno.ENOTCONN;
        }

        // This one option must be asked for with no more room than there is to tell.
        return value.Length < room ? Errno.EINVAL : Errno.Ok;
    }
}
