using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

public sealed partial class UserThread
{
    [Atomic]
    private int _ioPriority;

    /// <summary>What ioprio_set(2) has set: class and level. There is no device whose queue it would order.</summary>
    public int IoPriority
    {
        get => Volatile.Read(ref _ioPriority);
        set => Volatile.Write(ref _ioPriority, value);
    }
}
