using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Machine.Tests;

/// <summary>Builds firmware tables byte by byte, with right lengths and checksums unless a test breaks them.</summary>
internal sealed class TableBuilder
{
    private readonly List<byte> _bytes = [];

    /// <summary>Starts a table with the 36-byte header.</summary>
    public TableBuilder(string signature, byte revision = 3)
    {
        Text(signature).U32(0).U8(revision).U8(0).Text("COSMOS").Text("TESTTABL").U32(1).Text("TEST").U32(1);
    }

    public TableBuilder U8(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public TableBuilder U16(ushort value)
    {
        return U8((byte)value).U8((byte)(value >> 8));
    }

    public TableBuilder U32(uint value)
    {
        return U16((ushort)value).U16((ushort)(value >> 16));
    }

    public TableBuilder U64(ulong value)
    {
        return U32((uint)value).U32((uint)(value >> 32));
    }

    public TableBuilder Text(string text)
    {
        _bytes.AddRange(Encoding.ASCII.GetBytes(text));
        return this;
    }

    public TableBuilder Bytes(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Zeros up to an offset from the table's start.</summary>
    public TableBuilder PadTo(int offset)
    {
        while (_bytes.Count < offset)
        {
            _bytes.Add(0);
        }

        return this;
    }

    /// <summary>A generic address structure.</summary>
    public TableBuilder Address(byte space, byte width, ulong address)
    {
        return U8(space).U8(width).U8(0).U8(0).U64(address);
    }

    /// <summary>The table with its length and checksum filled in.</summary>
    public byte[] Build()
    {
        byte[] table = [.. _bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), (uint)table.Length);
        FixChecksum(table, 9);
        return table;
    }

    /// <summary>Sets the byte at <paramref name="offset"/> so that all bytes add up to 0.</summary>
    public static void FixChecksum(Span<byte> bytes, int offset)
    {
        bytes[offset] = 0;
        byte sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }

        bytes[offset] = (byte)-sum;
    }
}
