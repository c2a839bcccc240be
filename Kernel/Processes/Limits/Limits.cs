using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>The resource limits of a process (getrlimit(2)). Read without a lock by who obeys one; set with both halves checked under it.</summary>
public sealed class Limits
{
    private const ulong Unlimited = ResourceLimit.RLIM_INFINITY;

    private IrqSpinLock _lock = new(LockClass.UserAccounts);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private readonly ulong[] _current = new ulong[ResourceLimit.RLIM_NLIMITS];

    [GuardedBy(nameof(_lock))]
    private readonly ulong[] _maximum = new ulong[ResourceLimit.RLIM_NLIMITS];

    private Limits()
    {
    }

    /// <summary>The soft limit. Any context.</summary>
    /// <param name="resource">RLIMIT_*.</param>
    [NoAllocation]
    public ulong Current(int resource) => Volatile.Read(ref _current[resource]);

    /// <summary>Both limits. Any context but NMI.</summary>
    /// <param name="resource">RLIMIT_*.</param>
    [NoAllocation]
    public ResourceLimitPair Get(int resource)
    {
        using (_lock.Enter())
        {
            return new ResourceLimitPair { Current = _current[resource], Maximum = _maximum[resource] };
        }
    }

    /// <summary>Sets both limits (prlimit(2)). Any context but NMI.</summary>
    /// <param name="resource">RLIMIT_*.</param>
    /// <param name="limit">The new limits.</param>
    /// <param name="privileged">The caller has CAP_SYS_RESOURCE: the hard limit may be raised.</param>
    /// <returns>EINVAL: the soft limit is above the hard one. EPERM: the hard one would be raised.</returns>
    [NoAllocation]
    public Errno Set(int resource, ResourceLimitPair limit, bool privileged)
    {
        if (limit.Current > limit.Maximum)
        {
            return Errno.EINVAL;
        }

        using (_lock.Enter())
        {
            if (limit.Maximum > _maximum[resource] && !privileged)
            {
                return Errno.EPERM;
            }

            _maximum[resource] = limit.Maximum;
            Volatile.Write(ref _current[resource], limit.Current);
            return Errno.Ok;
        }
    }

    /// <summary>The limits of the first process, which are Linux's.</summary>
    /// <param name="threads">How many threads a user may have: what memory allows for.</param>
    internal static Limits Initial(ulong threads)
    {
        Limits limits = new();
        for (int resource = 0; resource < ResourceLimit.RLIM_NLIMITS; resource++)
        {
            limits.Initialize(resource, Unlimited, Unlimited);
        }

        limits.Initialize(ResourceLimit.RLIMIT_STACK, 8 << 20, Unlimited);
        limits.Initialize(ResourceLimit.RLIMIT_CORE, 0, Unlimited);
        limits.Initialize(ResourceLimit.RLIMIT_NPROC, threads, threads);
        limits.Initialize(ResourceLimit.RLIMIT_NOFILE, 1024, 4096);
        limits.Initialize(ResourceLimit.RLIMIT_MEMLOCK, 8 << 20, 8 << 20);
        limits.Initialize(ResourceLimit.RLIMIT_SIGPENDING, threads, threads);
        limits.Initialize(ResourceLimit.RLIMIT_MSGQUEUE, 819_200, 819_200);
        limits.Initialize(ResourceLimit.RLIMIT_NICE, 0, 0);
        limits.Initialize(ResourceLimit.RLIMIT_RTPRIO, 0, 0);
        return limits;
    }

    /// <summary>A copy for a child.</summary>
    internal Limits Copy()
    {
        Limits copy = new();
        for (int resource = 0; resource < ResourceLimit.RLIM_NLIMITS; resource++)
        {
            ResourceLimitPair pair = Get(resource);
            copy.Initialize(resource, pair.Current, pair.Maximum);
        }

        return copy;
    }

    private void Initialize(int resource, ulong current, ulong maximum)
    {
        using (_lock.Enter())
        {
            Volatile.Write(ref _current[resource], current);
            _maximum[resource] = maximum;
        }
    }
}
