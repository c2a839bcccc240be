namespace CosmosKernel.Processes.Memory;

/// <summary>What the running task may do with memory: its resource limits (getrlimit(2)) in bytes, and its rights.</summary>
/// <param name="AddressSpace">RLIMIT_AS.</param>
/// <param name="Data">RLIMIT_DATA.</param>
/// <param name="Stack">RLIMIT_STACK.</param>
/// <param name="Locked">RLIMIT_MEMLOCK.</param>
/// <param name="MayLockAny">CAP_IPC_LOCK: RLIMIT_MEMLOCK does not hold.</param>
/// <param name="MayMapLow">CAP_SYS_RAWIO: addresses below vm.mmap_min_addr may be mapped, but for page zero.</param>
/// <param name="IsAdministrator">CAP_SYS_ADMIN: gets the memory that strict overcommit keeps back.</param>
/// <param name="NoRandomization">personality(2), ADDR_NO_RANDOMIZE.</param>
/// <param name="ReadImpliesExecute">personality(2), READ_IMPLIES_EXEC.</param>
/// <param name="LegacyLayout">personality(2), ADDR_COMPAT_LAYOUT: mappings grow upwards.</param>
public readonly record struct MemoryLimits(
    ulong AddressSpace,
    ulong Data,
    ulong Stack,
    ulong Locked,
    bool MayLockAny,
    bool MayMapLow,
    bool IsAdministrator,
    bool NoRandomization,
    bool ReadImpliesExecute,
    bool LegacyLayout)
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    /// <summary>Everything is allowed: the kernel's own, before the first process.</summary>
    public static MemoryLimits None => new(Unlimited, Unlimited, 8 * 1024 * 1024, Unlimited, true, true, true, false, false, false);

    /// <summary>Those of the running task. Task context.</summary>
    public static MemoryLimits Current => MemoryLimitSource.Instance?.OfCurrentTask() ?? None;
}
