using System;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>/proc/net/unix (proc(5)): a line for each socket of AF_UNIX. The first column, an address of Linux's memory, is 0.</summary>
public static class UnixSocketReport
{
    private const ulong Listens = 0x10000;

    /// <summary>Writes it. Task context.</summary>
    [MightSleep]
    public static void Write(TextBuilder to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Add("Num       RefCount Protocol Flags    Type St Inode Path\n"u8);
        foreach (UnixSocket socket in UnixSockets.GetAll())
        {
            WriteLine(to, socket);
        }
    }

    private static void WriteLine(TextBuilder to, UnixSocket socket)
    {
        // The states of net.h: 1 unconnected, 2 being connected, 3 connected.
        bool isConnected = socket.State == SocketState.Connected;
        ulong state = socket.File is null ? 2u : isConnected ? 3u : 1u;
        ulong references = isConnected ? 3u : 2u;
        to.AddHex(0, 16).Add(": "u8).AddHex(references, 8).Add(' ').AddHex(0, 8).Add(' ').AddHex(socket.IsListening ? Listens : 0, 8).Add(' ').AddHex((ulong)socket.Type, 4).Add(' ').AddHex(state, 2)
            .Add(' ').AddRight((long)(socket.File?.Inode.Number ?? 0), 5);
        if (socket.Address is { } address)
        {
            to.Add(' ');
            ReadOnlySpan<byte> name = address.AsSpan(SocketLimits.UnixPathOffset);
            bool isAbstract = name[0] == 0;

            // An abstract name shows its NULs as @; a path ends before its own.
            foreach (byte value in isAbstract ? name : name[..^1])
            {
                to.Add(value == 0 ? (byte)'@' : value);
            }
        }

        to.Line();
    }
}
