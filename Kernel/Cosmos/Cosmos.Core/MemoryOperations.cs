using System;

namespace Cosmos.Core;

/// <summary>Filling and copying of arrays. What takes bare addresses is not here: safe code has spans.</summary>
public static class MemoryOperations
{
    /// <summary>Fills an array.</summary>
    public static void Fill(uint[] dest, uint value) => dest.AsSpan().Fill(value);

    /// <summary>Fills an array.</summary>
    public static void Fill(int[] dest, int value) => dest.AsSpan().Fill(value);

    /// <summary>Fills an array.</summary>
    public static void Fill(ushort[] dest, ushort value) => dest.AsSpan().Fill(value);

    /// <summary>Fills an array.</summary>
    public static void Fill(short[] dest, short value) => dest.AsSpan().Fill(value);

    /// <summary>Fills an array.</summary>
    public static void Fill(byte[] dest, byte value) => dest.AsSpan().Fill(value);

    /// <summary>Fills an array.</summary>
    public static void Fill(sbyte[] dest, sbyte value) => dest.AsSpan().Fill(value);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(uint[] dest, uint[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(int[] dest, int[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(ushort[] dest, ushort[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(short[] dest, short[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(byte[] dest, byte[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies an array to the start of another.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Copy(sbyte[] dest, sbyte[] src) => src.AsSpan().CopyTo(dest);

    /// <summary>Copies a part of an array.</summary>
    public static void Copy(byte[] dest, int destOffset, byte[] src, int srcOffset, int count) => src.AsSpan(srcOffset, count).CopyTo(dest.AsSpan(destOffset));

    /// <summary>Copies a part of an array.</summary>
    public static void Copy(int[] dest, int destOffset, int[] src, int srcOffset, int count) => src.AsSpan(srcOffset, count).CopyTo(dest.AsSpan(destOffset));
}
