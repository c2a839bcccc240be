using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.UserMode;

/// <summary>Where and how an access to user memory failed. X# writes it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UserAccessFault
{
    /// <summary>The address that could not be accessed.</summary>
    [UserAddress]
    public ulong Address;

    /// <summary>The page fault's error code (Intel SDM vol. 3A, 4.7).</summary>
    public ulong ErrorCode;

    /// <summary>How the copy of a string ended: 1 at a NUL, 2 at a fault, 0 at the end of the room.</summary>
    public ulong StringEnd;

    /// <summary>It was a write.</summary>
    public readonly bool IsWrite => (ErrorCode & 2) != 0;
}

/// <summary>
/// The routines in X# that touch user memory, for the class that checks ranges and asks for pages (CosmosKernel.Memory.User.UserMemory). The user range must lie in the lower half.
/// A fault ends the routine and never the kernel. Any context in which a page fault may happen: not NMI.
/// </summary>
public static unsafe class UserAccess
{
    private const ulong FirstNonUserAddress = 1ul << 47;

    /// <summary>Copies; one of the sides is in user memory.</summary>
    /// <returns>Bytes that were not copied: 0, or <paramref name="fault"/> says why.</returns>
    [RuntimeImport("UserCopy")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint Copy(void* to, void* from, nuint bytes, UserAccessFault* fault);

    /// <summary>Fills with zero.</summary>
    /// <returns>Bytes that were not filled.</returns>
    [RuntimeImport("UserClear")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint Clear(void* to, nuint bytes, UserAccessFault* fault);

    /// <summary>Copies a string from user memory up to its NUL, which is not copied.</summary>
    /// <returns>Bytes copied; <see cref="UserAccessFault.StringEnd"/> says why no more.</returns>
    [RuntimeImport("UserCopyString")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint CopyString(void* to, void* from, nuint bytes, UserAccessFault* fault);

    /// <summary>Reads a word. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserLoad32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Load32(void* from, uint* value, UserAccessFault* fault);

    /// <summary>Reads a word. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserLoad64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Load64(void* from, ulong* value, UserAccessFault* fault);

    /// <summary>Writes a word. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserStore32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Store32(void* to, uint value, UserAccessFault* fault);

    /// <summary>Writes a word. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserStore64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Store64(void* to, ulong value, UserAccessFault* fault);

    /// <summary>LOCK CMPXCHG. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserCompareExchange32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int CompareExchange32(void* at, uint expected, uint value, uint* seen, UserAccessFault* fault);

    /// <summary>An atomic operation by its number in UserAtomic. 0, or 1 after a fault.</summary>
    [RuntimeImport("UserAtomic32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Atomic32(void* at, int operation, uint operand, uint* old, UserAccessFault* fault);

    /// <summary>A page fault in the kernel: lets one of the routines above go on where it reports the fault. Exception context.</summary>
    /// <returns>False when the fault is none of theirs.</returns>
    [InterruptContext]
    internal static bool TryFixUp(InterruptFrame* frame)
    {
        ulong rip = frame->Rip;
        if (rip < CodeStart() || rip >= CodeEnd())
        {
            return false;
        }

        ulong address = CpuInstructions.ReadControl2();
        if (address >= FirstNonUserAddress)
        {
            return false;
        }

        for (FixUp* row = Table(); row < TableEnd(); row++)
        {
            if (rip >= row->First && rip < row->End)
            {
                frame->R10 = address;
                frame->R11 = frame->ErrorCode;
                frame->Rip = row->Target;
                return true;
            }
        }

        return false;
    }

    [RuntimeImport("UserAccessCodeStartAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong CodeStart();

    [RuntimeImport("UserAccessCodeEndAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong CodeEnd();

    [RuntimeImport("UserAccessTableAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern FixUp* Table();

    [RuntimeImport("UserAccessTableEndAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern FixUp* TableEnd();

    [StructLayout(LayoutKind.Sequential)]
    private struct FixUp
    {
        public ulong First;
        public ulong End;
        public ulong Target;
    }
}
