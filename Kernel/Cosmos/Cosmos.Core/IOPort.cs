using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace Cosmos.Core;

/// <summary>
/// I/O ports. The first use of a port claims it for the Cosmos kernel, for good; one that a driver has is refused, since two that program the same device break it. Task context.
/// </summary>
public static class IOPort
{
    private const string Owner = "the Cosmos kernel";
    private const int DelayPort = 0x80;

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly HashSet<int> s_claimed = [];

    /// <summary>Reads a byte.</summary>
    /// <exception cref="InvalidOperationException">A driver has the port; the message names it.</exception>
    [MightSleep]
    public static byte Read8(int aPort) => Ports.In8(Claim(aPort, 1));

    /// <summary>Reads 16 bits.</summary>
    /// <exception cref="InvalidOperationException">A driver has one of the ports; the message names it.</exception>
    [MightSleep]
    public static ushort Read16(int aPort) => Ports.In16(Claim(aPort, 2));

    /// <summary>Reads 32 bits.</summary>
    /// <exception cref="InvalidOperationException">A driver has one of the ports; the message names it.</exception>
    [MightSleep]
    public static uint Read32(int aPort) => Ports.In32(Claim(aPort, 4));

    /// <summary>Writes a byte.</summary>
    /// <exception cref="InvalidOperationException">A driver has the port; the message names it.</exception>
    [MightSleep]
    public static void Write8(int aPort, byte aData) => Ports.Out8(Claim(aPort, 1), aData);

    /// <summary>Writes 16 bits.</summary>
    /// <exception cref="InvalidOperationException">A driver has one of the ports; the message names it.</exception>
    [MightSleep]
    public static void Write16(int aPort, ushort aData) => Ports.Out16(Claim(aPort, 2), aData);

    /// <summary>Writes 32 bits.</summary>
    /// <exception cref="InvalidOperationException">A driver has one of the ports; the message names it.</exception>
    [MightSleep]
    public static void Write32(int aPort, uint aData) => Ports.Out32(Claim(aPort, 4), aData);

    /// <summary>Reads a byte again and again.</summary>
    [MightSleep]
    public static void Read8(int aPort, byte[] aData)
    {
        ArgumentNullException.ThrowIfNull(aData);
        for (int i = 0; i < aData.Length; i++)
        {
            aData[i] = Read8(aPort);
        }
    }

    /// <summary>Reads 16 bits again and again.</summary>
    [MightSleep]
    public static void Read16(int aPort, ushort[] aData)
    {
        ArgumentNullException.ThrowIfNull(aData);
        for (int i = 0; i < aData.Length; i++)
        {
            aData[i] = Read16(aPort);
        }
    }

    /// <summary>Reads 32 bits again and again.</summary>
    [MightSleep]
    public static void Read32(int aPort, uint[] aData)
    {
        ArgumentNullException.ThrowIfNull(aData);
        for (int i = 0; i < aData.Length; i++)
        {
            aData[i] = Read32(aPort);
        }
    }

    /// <summary>Writes bytes, waiting after each.</summary>
    [MightSleep]
    public static void WriteMany8WithWait(int aPort, byte[] aData)
    {
        ArgumentNullException.ThrowIfNull(aData);
        foreach (byte value in aData)
        {
            Write8(aPort, value);
            Wait();
        }
    }

    /// <summary>Waits about a microsecond: a write to the port that the firmware's self-test used.</summary>
    public static void Wait() => Ports.Out8(DelayPort, 0);

    [MightSleep]
    private static ushort Claim(int port, int count)
    {
        if (port < 0 || port > ushort.MaxValue - (count - 1))
        {
            throw new ArgumentOutOfRangeException(nameof(port), $"port 0x{port:x}; ports are 0 to 0xffff");
        }

        lock (s_lock)
        {
            for (int i = port; i < port + count; i++)
            {
                if (!s_claimed.Contains(i))
                {
                    _ = PortRange.Claim(Owner, (ushort)i, 1);
                    s_claimed.Add(i);
                }
            }
        }

        return (ushort)port;
    }
}
