using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// Memory that was promised and may be asked for: private writable mappings, and shared ones of anonymous memory (proc(5), Committed_AS). The policy is that of proc_sys_vm(5).
/// Any context.
/// </summary>
public static class CommittedMemory
{
    private const ulong PagesPerMiB = 256;

    // vm.admin_reserve_kbytes and vm.user_reserve_kbytes: at most these, and at most 3 %.
    private const ulong AdministratorReserve = 8 * PagesPerMiB;
    private const ulong UserReserve = 128 * PagesPerMiB;

    [Atomic]
    private static long s_pages;

    [Atomic]
    private static int s_policy;

    [Atomic]
    private static int s_ratio = 50;

    [Atomic]
    private static long s_kibibytes;

    /// <summary>vm.overcommit_memory.</summary>
    public static OvercommitPolicy Policy
    {
        get => (OvercommitPolicy)Volatile.Read(ref s_policy);
        set => Volatile.Write(ref s_policy, (int)value);
    }

    /// <summary>vm.overcommit_ratio: per cent of memory that <see cref="OvercommitPolicy.Never"/> promises. 0 or more; setting it makes <see cref="LimitKibibytes"/> 0.</summary>
    public static int Ratio
    {
        get => Volatile.Read(ref s_ratio);
        set
        {
            Volatile.Write(ref s_ratio, value);
            Volatile.Write(ref s_kibibytes, 0);
        }
    }

    /// <summary>vm.overcommit_kbytes: what <see cref="OvercommitPolicy.Never"/> promises; 0: <see cref="Ratio"/> counts. Setting it makes the ratio 0.</summary>
    public static long LimitKibibytes
    {
        get => Volatile.Read(ref s_kibibytes);
        set
        {
            Volatile.Write(ref s_kibibytes, value);
            if (value != 0)
            {
                Volatile.Write(ref s_ratio, 0);
            }
        }
    }

    /// <summary>Pages that are promised now (Committed_AS).</summary>
    public static ulong Pages => (ulong)Volatile.Read(ref s_pages);

    /// <summary>Pages that <see cref="OvercommitPolicy.Never"/> promises (CommitLimit).</summary>
    public static ulong LimitPages
    {
        get
        {
            ulong kibibytes = (ulong)LimitKibibytes;
            return kibibytes != 0 ? kibibytes / 4 : FrameAllocator.ManagedFrames * (ulong)Ratio / 100;
        }
    }

    /// <summary>Promises pages.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="ownPages">Pages that the address space has mapped already: a large one leaves a part of the rest to others.</param>
    /// <param name="isAdministrator">The caller has CAP_SYS_ADMIN.</param>
    /// <returns>False when the policy refuses (ENOMEM).</returns>
    public static bool TryCharge(ulong pages, ulong ownPages, bool isAdministrator)
    {
        ulong promised = (ulong)Interlocked.Add(ref s_pages, (long)pages);
        bool fits = Policy switch
        {
            OvercommitPolicy.Always => true,
            OvercommitPolicy.Never => promised < Allowed(ownPages, isAdministrator),
            _ => pages <= FrameAllocator.ManagedFrames,
        };
        if (!fits)
        {
            Uncharge(pages);
        }

        return fits;
    }

    /// <summary>Takes a promise back.</summary>
    public static void Uncharge(ulong pages) => Interlocked.Add(ref s_pages, -(long)pages);

    private static ulong Allowed(ulong ownPages, bool isAdministrator)
    {
        ulong allowed = LimitPages;
        ulong most = FrameAllocator.ManagedFrames / 32;
        ulong kept = isAdministrator ? 0 : AdministratorReserve < most ? AdministratorReserve : most;
        ulong share = ownPages / 32;
        kept += share < UserReserve ? share : UserReserve;
        return allowed > kept ? allowed - kept : 0;
    }
}
