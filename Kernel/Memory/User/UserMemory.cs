using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Memory.User;

/// <summary>
/// The user memory of the current task. Each access checks its range and survives whatever the address is: a page that is not there is asked for
/// (<see cref="UserFaultHandler"/>), and when nobody has it the call says so. Task context, preemption and interrupts on, no lock held that a page fault takes; except where a member says otherwise.
/// With preemption or interrupts off nobody is asked: what is not there then counts as bad. A task without an address space must not come here: kernels with the lock validator panic.
/// </summary>
public static unsafe partial class UserMemory
{
    /// <summary>First address above user memory (TASK_SIZE_MAX): the last page of the lower half is never mapped, so that no SYSCALL can end at its last byte.</summary>
    public const ulong Limit = 0x0000_7FFF_FFFF_F000;

    // Values of UserAccessFault.StringEnd.
    private const ulong EndedByNul = 1;
    private const ulong EndedByFault = 2;

    // Errno.EFAULT and ENAMETOOLONG, which belong to a part above this one.
    private const int BadAddress = -14;
    private const int NameTooLong = -36;

    /// <summary>Whether a range lies below <see cref="Limit"/> and does not wrap. Any context.</summary>
    [UserAccess("Compares it only.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsRange([UserAddress] ulong address, ulong bytes) => bytes <= Limit && address <= Limit - bytes;

    // A task without an address space would touch the memory of whichever process its CPU ran last, when that happens to have the page: no fault tells.
    [UserAccess("Compares it only.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayAccess([UserAddress] ulong address, ulong bytes)
    {
        VerifyAddressSpace();
        return IsRange(address, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void VerifyAddressSpace()
    {
        if (LockValidator.IsEnabled && !UserSpace.IsCurrentAssigned)
        {
            Panic.Now("User memory was touched by a task that has no address space"u8);
        }
    }

    /// <summary>Copies from user memory. False when a part of the range cannot be read: what is in <paramref name="to"/> is then undefined.</summary>
    [MightSleep]
    public static bool TryRead([UserAddress] ulong address, Span<byte> to) => Read(address, to) == to.Length;

    /// <summary>Copies to user memory. False when a part of the range cannot be written: the bytes before it are written.</summary>
    [MightSleep]
    public static bool TryWrite([UserAddress] ulong address, ReadOnlySpan<byte> from) => Write(address, from) == from.Length;

    /// <summary>Fills user memory with zero. False when a part of the range cannot be written.</summary>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    public static bool TryClear([UserAddress] ulong address, ulong bytes)
    {
        if (!MayAccess(address, bytes))
        {
            return false;
        }

        UserAccessFault fault = default;
        byte* to = (byte*)address;
        ulong left = UserAccess.Clear(to, (nuint)bytes, &fault);
        while (left != 0)
        {
            if (!Resolve(in fault))
            {
                return false;
            }

            left = UserAccess.Clear(to + (bytes - left), (nuint)left, &fault);
        }

        return true;
    }

    /// <summary>Copies from user memory.</summary>
    /// <returns>Bytes before the first one that cannot be read; 0 when the range is no range of user memory.</returns>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static int Read([UserAddress] ulong address, Span<byte> to)
    {
        if (!MayAccess(address, (ulong)to.Length))
        {
            return 0;
        }

        fixed (byte* target = &MemoryMarshal.GetReference(to))
        {
            return to.Length - Copy(target, (byte*)address, to.Length);
        }
    }

    /// <summary>Copies to user memory.</summary>
    /// <returns>Bytes before the first one that cannot be written; 0 when the range is no range of user memory.</returns>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static int Write([UserAddress] ulong address, ReadOnlySpan<byte> from)
    {
        if (!MayAccess(address, (ulong)from.Length))
        {
            return 0;
        }

        fixed (byte* source = &MemoryMarshal.GetReference(from))
        {
            return from.Length - Copy((byte*)address, source, from.Length);
        }
    }

    /// <summary>Copies from a page to user memory.</summary>
    /// <returns>Bytes before the first one that cannot be written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the page.</exception>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static int WritePage([UserAddress] ulong address, Page page, int offset, int count)
    {
        VerifyInPage(offset, count);
        return MayAccess(address, (ulong)count) ? count - Copy((byte*)address, page.Address + offset, count) : 0;
    }

    /// <summary>Copies from user memory into a page.</summary>
    /// <returns>Bytes before the first one that cannot be read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the page.</exception>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static int ReadPage([UserAddress] ulong address, Page page, int offset, int count)
    {
        VerifyInPage(offset, count);
        return MayAccess(address, (ulong)count) ? count - Copy(page.Address + offset, (byte*)address, count) : 0;
    }

    /// <summary>Takes the page at an address itself, for a device that reads or writes it (O_DIRECT).</summary>
    /// <param name="address">Any address.</param>
    /// <param name="forWrite">The device writes it.</param>
    /// <param name="page">The page, with a reference for the caller; when the device writes it, with a pin (<see cref="Page.Unpin"/>).</param>
    /// <returns>False: it must be copied; or the address is bad, which the copy finds.</returns>
    [MightSleep]
    [UserAccess("The range is checked, and the handler takes user addresses.")]
    public static bool TryTakePage([UserAddress] ulong address, bool forWrite, out Page page)
    {
        page = default;
        return MayAccess(address, 1) && UserFaultHandler.Instance is { } handler && Preemption.IsPossible && handler.TryTakePage(address, forWrite, out page);
    }

    /// <summary>Copies a string up to its NUL, which is not copied.</summary>
    /// <returns>Its length; -14 (EFAULT) when it cannot be read; -36 (ENAMETOOLONG) when there is no NUL within the first <c>to.Length</c> bytes.</returns>
    [MightSleep]
    [UserAccess("The range is cut at the limit, and the routine has a fix-up.")]
    public static int ReadString([UserAddress] ulong address, Span<byte> to)
    {
        VerifyAddressSpace();
        if (address >= Limit)
        {
            return BadAddress;
        }

        ulong room = Limit - address;
        bool isCut = room < (ulong)to.Length;
        nuint bytes = isCut ? (nuint)room : (nuint)to.Length;
        UserAccessFault fault = default;
        fixed (byte* target = to)
        {
            nuint copied = UserAccess.CopyString(target, (byte*)address, bytes, &fault);
            while (fault.StringEnd == EndedByFault && Resolve(in fault))
            {
                copied += UserAccess.CopyString(target + copied, (byte*)address + copied, bytes - copied, &fault);
            }

            return fault.StringEnd switch
            {
                EndedByNul => (int)copied,
                EndedByFault => BadAddress,
                _ => isCut ? BadAddress : NameTooLong,
            };
        }
    }

    // Returns how many bytes were not copied. The caller's [SkipLocalsInit] counts: what a fault is described in is written by the fault.
    [MightSleep]
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Copy(byte* to, byte* from, int count)
    {
        UserAccessFault fault;
        nuint left = UserAccess.Copy(to, from, (nuint)count, &fault);
        return left == 0 ? 0 : CopyRest(to, from, (nuint)count, left, &fault);
    }

    [MightSleep]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CopyRest(byte* to, byte* from, nuint count, nuint left, UserAccessFault* fault)
    {
        while (left != 0 && Resolve(in *fault))
        {
            nuint done = count - left;
            left = UserAccess.Copy(to + done, from + done, left, fault);
        }

        return (int)left;
    }

    [MightSleep]
    [UserAccess("The handler takes user addresses.")]
    private static bool Resolve(in UserAccessFault fault) =>
        UserFaultHandler.Instance is { } handler && Preemption.IsPossible
        && handler.Resolve(fault.Address, fault.IsWrite ? UserAccessKind.Write : UserAccessKind.Read);

    private static void VerifyInPage(int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Page.Size - offset);
    }
}
