using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.User;

/// <summary>A pointer of user space to a structure of the system-call interface. Reading and writing copy; see <see cref="UserMemory"/> for the context.</summary>
/// <typeparam name="T">A structure with the interface's layout, without padding: what lies between its fields is copied too.</typeparam>
/// <param name="address">The address, which may be anything.</param>
public readonly struct UserPointer<T>([UserAddress] ulong address)
    where T : unmanaged
{
    /// <summary>The address.</summary>
    [UserAddress]
    public ulong Address { get; } = address;

    /// <summary>It is the null pointer.</summary>
    public bool IsNull => Address == 0;

    /// <summary>Bytes of the structure.</summary>
    public static int Size => Unsafe.SizeOf<T>();

    /// <summary>Pointer to an element of the array that begins here.</summary>
    public UserPointer<T> At(long index) => new(Address + (ulong)(index * Unsafe.SizeOf<T>()));

    /// <summary>Reads it; false when it cannot be read (EFAULT).</summary>
    [MightSleep]
    public unsafe bool TryRead(out T value)
    {
        Unsafe.SkipInit(out value);
        fixed (T* to = &value)
        {
            if (UserMemory.TryRead(Address, new Span<byte>(to, sizeof(T))))
            {
                return true;
            }
        }

        // A structure that was read in part must not show what was on the stack.
        value = default;
        return false;
    }

    /// <summary>Writes it; false when it cannot be written (EFAULT).</summary>
    [MightSleep]
    [UserAccess("The value is copied as it is, and may itself be an address of user space.")]
    public unsafe bool TryWrite([UserAddress] in T value)
    {
        fixed (T* from = &value)
        {
            return UserMemory.TryWrite(Address, new ReadOnlySpan<byte>(from, sizeof(T)));
        }
    }

    /// <summary>Reads the elements of the array that begins here; false when not all can be read (EFAULT).</summary>
    [MightSleep]
    public bool TryReadArray(Span<T> values) => UserMemory.TryRead(Address, MemoryMarshal.AsBytes(values));

    /// <summary>Writes the elements of the array that begins here; false when not all can be written (EFAULT).</summary>
    [MightSleep]
    public bool TryWriteArray(ReadOnlySpan<T> values) => UserMemory.TryWrite(Address, MemoryMarshal.AsBytes(values));
}
