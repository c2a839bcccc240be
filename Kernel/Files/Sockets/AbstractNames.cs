using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Sockets;

/// <summary>The abstract names of AF_UNIX (unix(7)): bytes that begin with NUL and are in no file system. Each type of socket has names of its own.</summary>
internal static class AbstractNames
{
    // Names that autobind makes: five hexadecimal digits.
    private const int AutomaticNames = 1 << 20;

    private static readonly Mutex s_lock = new("abstract names");

    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<Name, UnixSocket> s_sockets = [];

    [GuardedBy(nameof(s_lock))]
    private static uint s_nextAutomatic;

    /// <summary>Gives a socket a name, if no other has it.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">The whole address.</param>
    /// <returns>EADDRINUSE.</returns>
    [MightSleep]
    public static Errno Bind(UnixSocket socket, byte[] address)
    {
        using (s_lock.Enter())
        {
            return s_sockets.TryAdd(new Name(socket.Type, address), socket) ? Errno.Ok : Errno.EADDRINUSE;
        }
    }

    /// <summary>Gives a socket a name that no other has.</summary>
    /// <returns>ENOSPC: all are taken.</returns>
    [MightSleep]
    public static Errno BindAutomatically(UnixSocket socket, out byte[] address)
    {
        const int Digits = 5;
        using (s_lock.Enter())
        {
            for (int i = 0; i < AutomaticNames; i++)
            {
                uint number = s_nextAutomatic++ % AutomaticNames;
                address = new byte[SocketLimits.UnixPathOffset + 1 + Digits];
                address[0] = AddressFamily.Unix;
                for (int digit = address.Length - 1; digit > SocketLimits.UnixPathOffset; digit--)
                {
                    address[digit] = "0123456789abcdef"u8[(int)(number & 15)];
                    number >>= 4;
                }

                if (s_sockets.TryAdd(new Name(socket.Type, address), socket))
                {
                    return Errno.Ok;
                }
            }
        }

        address = [];
        return Errno.ENOSPC;
    }

    /// <summary>The socket that has a name, or null.</summary>
    [MightSleep]
    public static UnixSocket? Find(int type, byte[] address)
    {
        using (s_lock.Enter())
        {
            return s_sockets.GetValueOrDefault(new Name(type, address));
        }
    }

    /// <summary>A socket is closed: its name is free.</summary>
    [MightSleep]
    public static void Remove(UnixSocket socket, byte[] address)
    {
        using (s_lock.Enter())
        {
            s_sockets.Remove(new Name(socket.Type, address));
        }
    }

    private readonly struct Name(int type, byte[] address) : IEquatable<Name>
    {
        private readonly int _type = type;
        private readonly byte[] _address = address;

        public bool Equals(Name other) => _type == other._type && _address.AsSpan().SequenceEqual(other._address);

        public override bool Equals(object? obj) => obj is Name other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(_type);
            hash.AddBytes(_address);
            return hash.ToHashCode();
        }
    }
}
