using System;
using System.Buffers.Binary;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Modules;

/// <summary>The argument of ioctl(2): a number, or the address of something in the caller's memory, which is only reached through checks. Task context; copies may sleep.</summary>
/// <param name="value">What the program gave.</param>
public readonly ref struct ControlArgument([UserAddress] ulong value)
{
    /// <summary>It as a number.</summary>
    [UserAddress]
    public ulong Value { get; } = value;

    /// <summary>Copies from the program's memory, all or nothing.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="offset">Bytes behind the address.</param>
    /// <returns>False for EFAULT.</returns>
    [MightSleep]
    public bool TryRead(Span<byte> to, ulong offset = 0) => UserMemory.TryRead(Value + offset, to);

    /// <summary>Copies to the program's memory; after a false a part may have been written.</summary>
    /// <param name="from">What is copied.</param>
    /// <param name="offset">Bytes behind the address.</param>
    /// <returns>False for EFAULT.</returns>
    [MightSleep]
    public bool TryWrite(ReadOnlySpan<byte> from, ulong offset = 0) => UserMemory.TryWrite(Value + offset, from);

    /// <summary>Reads a number of 32 bits.</summary>
    [MightSleep]
    public bool TryRead(out int number, ulong offset = 0)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        bool isRead = TryRead(bytes, offset);
        number = isRead ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        return isRead;
    }

    /// <summary>Writes a number of 32 bits.</summary>
    [MightSleep]
    public bool TryWrite(int number, ulong offset = 0)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return TryWrite(bytes, offset);
    }
}
