using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules;

/// <summary>A range of I/O ports that one owner has claimed. Access outside it throws, which is a panic in interrupt context. Reading and writing: any context but NMI.</summary>
public sealed class PortRange : IDisposable
{
    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly List<PortRange> s_claimed = [];

    private readonly string _owner;

    private PortRange(string owner, ushort first, int count)
    {
        _owner = owner;
        First = first;
        Count = count;
    }

    /// <summary>First port.</summary>
    public ushort First { get; }

    /// <summary>Number of ports.</summary>
    public int Count { get; }

    /// <summary>Claims a range. Task context.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or reaches beyond port 65,535.</exception>
    /// <exception cref="InvalidOperationException">Another owner has a part of it; the message names it.</exception>
    [MightSleep]
    public static PortRange Claim(string owner, ushort first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 65536 - first);
        lock (s_lock)
        {
            foreach (PortRange other in s_claimed)
            {
                if (first < other.First + other.Count && other.First < first + count)
                {
                    throw new InvalidOperationException($"ports 0x{first:x}-0x{first + count - 1:x} overlap a range of module '{other._owner}'");
                }
            }

            var range = new PortRange(owner, first, count);
            s_claimed.Add(range);
            return range;
        }
    }

    /// <summary>Reads a byte at an offset from the first port.</summary>
    public byte Read8(int offset) => Ports.In8(Port(offset, 1));

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(int offset) => Ports.In16(Port(offset, 2));

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(int offset) => Ports.In32(Port(offset, 4));

    /// <summary>Writes a byte.</summary>
    public void Write8(int offset, byte value) => Ports.Out8(Port(offset, 1), value);

    /// <summary>Writes 16 bits.</summary>
    public void Write16(int offset, ushort value) => Ports.Out16(Port(offset, 2), value);

    /// <summary>Writes 32 bits.</summary>
    public void Write32(int offset, uint value) => Ports.Out32(Port(offset, 4), value);

    /// <summary>Gives the range back. Task context.</summary>
    [MightSleep]
    public void Dispose()
    {
        lock (s_lock)
        {
            s_claimed.Remove(this);
        }
    }

    private ushort Port(int offset, int bytes)
    {
        // A negative number is larger than any count when it is read as unsigned.
        if ((uint)offset > (uint)(Count - bytes))
        {
            ThrowOutside();
        }

        return (ushort)(First + offset);
    }

    // Apart from the callers, so that interrupt code that never gets here has no throw in it.
    [DoesNotReturn]
    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("offset", "outside of the claimed ports");
}
