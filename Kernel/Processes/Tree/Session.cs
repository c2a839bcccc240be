using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>A session: the process groups of one log-in, which may have a controlling terminal (setsid(2)). It exists as long as it has groups.</summary>
public sealed class Session
{
    [Atomic]
    private object? _terminal;

    internal Session(ProcessId id)
    {
        ProcessId = id;
    }

    /// <summary>Its id: that of the process that made it.</summary>
    public int Id => ProcessId.Number;

    /// <summary>The controlling terminal, an object of the terminals' own; null for none. Set and cleared by them, under their lock.</summary>
    public object? Terminal
    {
        get => Volatile.Read(ref _terminal);
        set => Volatile.Write(ref _terminal, value);
    }

    internal ProcessId ProcessId { get; }

    /// <summary>How many groups it has.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal int Groups { get; set; }

    /// <summary>A group has ended.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void RemoveGroup()
    {
        if (--Groups == 0)
        {
            ProcessId.Session = null;
            ProcessId.ReleaseIfUnused();
        }
    }
}
