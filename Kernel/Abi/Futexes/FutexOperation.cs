using System;

namespace CosmosKernel.Abi;

/// <summary>Operations of futex(2).</summary>
public enum FutexOperation
{
    /// <summary>FUTEX_WAIT.</summary>
    Wait = 0,

    /// <summary>FUTEX_WAKE.</summary>
    Wake = 1,

    /// <summary>FUTEX_REQUEUE.</summary>
    Requeue = 3,

    /// <summary>FUTEX_CMP_REQUEUE.</summary>
    CompareRequeue = 4,

    /// <summary>FUTEX_WAKE_OP.</summary>
    WakeOperation = 5,

    /// <summary>FUTEX_LOCK_PI.</summary>
    LockInheriting = 6,

    /// <summary>FUTEX_UNLOCK_PI.</summary>
    UnlockInheriting = 7,

    /// <summary>FUTEX_TRYLOCK_PI.</summary>
    TryLockInheriting = 8,

    /// <summary>FUTEX_WAIT_BITSET.</summary>
    WaitBitset = 9,

    /// <summary>FUTEX_WAKE_BITSET.</summary>
    WakeBitset = 10,

    /// <summary>FUTEX_WAIT_REQUEUE_PI.</summary>
    WaitRequeueInheriting = 11,

    /// <summary>FUTEX_CMP_REQUEUE_PI.</summary>
    CompareRequeueInheriting = 12,

    /// <summary>FUTEX_LOCK_PI2.</summary>
    LockInheritingMonotonic = 13,
}

/// <summary>Bits that go with an operation of futex(2).</summary>
[Flags]
public enum FutexFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>FUTEX_PRIVATE_FLAG: no other process uses the word.</summary>
    Private = 128,

    /// <summary>FUTEX_CLOCK_REALTIME: the deadline is real time.</summary>
    ClockRealtime = 256,
}

/// <summary>What the kernel and the C library write into futex words and lists.</summary>
public static class FutexConstants
{
    /// <summary>FUTEX_WAITERS: somebody waits in the kernel.</summary>
    public const uint Waiters = 0x8000_0000;

    /// <summary>FUTEX_OWNER_DIED: its owner ended without unlocking.</summary>
    public const uint OwnerDied = 0x4000_0000;

    /// <summary>FUTEX_TID_MASK: the owner.</summary>
    public const uint OwnerMask = 0x3FFF_FFFF;

    /// <summary>FUTEX_BITSET_MATCH_ANY.</summary>
    public const uint AnyBit = 0xFFFF_FFFF;

    /// <summary>Bytes of struct robust_list_head.</summary>
    public const int RobustListHeadBytes = 24;

    /// <summary>ROBUST_LIST_LIMIT: entries that are looked at.</summary>
    public const int RobustListLimit = 2048;

    /// <summary>FUTEX_WAITV_MAX: words that futex_waitv(2) takes.</summary>
    public const int MostWaited = 128;

    /// <summary>FUTEX2_SIZE_U32, the one size there is.</summary>
    public const uint Size32 = 2;

    /// <summary>FUTEX2_PRIVATE.</summary>
    public const uint Private2 = 128;
}
