using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Memory.User;

// Single words, read and written in one access where they are aligned, and atomic operations for futexes.
public static unsafe partial class UserMemory
{
    /// <summary>Reads a 32-bit word in one access, if it is aligned.</summary>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryRead([UserAddress] ulong address, out uint value)
    {
        uint result = 0;
        UserAccessFault fault;
        bool done = MayAccess(address, sizeof(uint));
        while (done && UserAccess.Load32((void*)address, &result, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        value = result;
        return done;
    }

    /// <summary>Reads a 64-bit word in one access, if it is aligned.</summary>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryRead([UserAddress] ulong address, out ulong value)
    {
        ulong result = 0;
        UserAccessFault fault;
        bool done = MayAccess(address, sizeof(ulong));
        while (done && UserAccess.Load64((void*)address, &result, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        value = result;
        return done;
    }

    /// <summary>Writes a 32-bit word in one access, if it is aligned.</summary>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryWrite([UserAddress] ulong address, uint value)
    {
        UserAccessFault fault;
        bool done = MayAccess(address, sizeof(uint));
        while (done && UserAccess.Store32((void*)address, value, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        return done;
    }

    /// <summary>Writes a 64-bit word in one access, if it is aligned.</summary>
    /// <param name="address">Where.</param>
    /// <param name="value">A number, or an address of user space: never one of the kernel's.</param>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryWrite([UserAddress] ulong address, [UserAddress] ulong value)
    {
        UserAccessFault fault;
        bool done = MayAccess(address, sizeof(ulong));
        while (done && UserAccess.Store64((void*)address, value, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        return done;
    }

    /// <summary>An atomic compare-and-exchange of a 32-bit word at a multiple of 4.</summary>
    /// <param name="address">Where.</param>
    /// <param name="expected">The value that is replaced.</param>
    /// <param name="value">The new one.</param>
    /// <param name="seen">What was there: <paramref name="expected"/> if it was replaced.</param>
    /// <returns>False when the word cannot be written or its address is not aligned.</returns>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryCompareExchange([UserAddress] ulong address, uint expected, uint value, out uint seen)
    {
        uint found = 0;
        UserAccessFault fault;
        bool done = IsAlignedWord(address);
        while (done && UserAccess.CompareExchange32((void*)address, expected, value, &found, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        seen = found;
        return done;
    }

    /// <summary>An atomic operation on a 32-bit word at a multiple of 4.</summary>
    /// <param name="address">Where.</param>
    /// <param name="operation">What is done.</param>
    /// <param name="operand">With what.</param>
    /// <param name="old">What was there.</param>
    /// <returns>False when the word cannot be written or its address is not aligned.</returns>
    [MightSleep]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryAtomic([UserAddress] ulong address, UserAtomic operation, uint operand, out uint old)
    {
        uint found = 0;
        UserAccessFault fault;
        bool done = IsAlignedWord(address);
        while (done && UserAccess.Atomic32((void*)address, (int)operation, operand, &found, &fault) != 0)
        {
            done = Resolve(in fault);
        }

        old = found;
        return done;
    }

    /// <summary>Reads a 32-bit word if that needs no sleep: with a spin lock held, for example. Any context of the task but interrupts.</summary>
    /// <returns>False when the page is not there or the address is not aligned: release the lock, read the word by <see cref="TryRead(ulong, out uint)"/>, and try again.</returns>
    [NoAllocation]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryReadNoFault([UserAddress] ulong address, out uint value)
    {
        uint result = 0;
        UserAccessFault fault;
        bool done = IsAlignedWord(address) && UserAccess.Load32((void*)address, &result, &fault) == 0;
        value = result;
        return done;
    }

    /// <summary>As <see cref="TryCompareExchange"/>, if that needs no sleep; see <see cref="TryReadNoFault"/>.</summary>
    [NoAllocation]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryCompareExchangeNoFault([UserAddress] ulong address, uint expected, uint value, out uint seen)
    {
        uint found = 0;
        UserAccessFault fault;
        bool done = IsAlignedWord(address) && UserAccess.CompareExchange32((void*)address, expected, value, &found, &fault) == 0;
        seen = found;
        return done;
    }

    /// <summary>As <see cref="TryAtomic"/>, if that needs no sleep; see <see cref="TryReadNoFault"/>.</summary>
    [NoAllocation]
    [UserAccess("The range is checked, and the routine has a fix-up.")]
    [SkipLocalsInit]
    public static bool TryAtomicNoFault([UserAddress] ulong address, UserAtomic operation, uint operand, out uint old)
    {
        uint found = 0;
        UserAccessFault fault;
        bool done = IsAlignedWord(address) && UserAccess.Atomic32((void*)address, (int)operation, operand, &found, &fault) == 0;
        old = found;
        return done;
    }

    [UserAccess("Compares it only.")]
    private static bool IsAlignedWord([UserAddress] ulong address) => (address & (sizeof(uint) - 1)) == 0 && MayAccess(address, sizeof(uint));
}
