using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;

namespace CosmosKernel.Processes;

public sealed partial class Process
{
    [Atomic]
    private int _barriers;

    /// <summary>The process says that it will use private expedited barriers of a kind (membarrier(2)).</summary>
    public void RegisterBarrier(BarrierKind kind) => Interlocked.Or(ref _barriers, (int)kind);

    /// <summary>It has said so.</summary>
    public bool HasRegisteredBarrier(BarrierKind kind) => (Volatile.Read(ref _barriers) & (int)kind) != 0;

    /// <summary>When this returns, each restartable sequence that a thread of the process was in when it was called has ended or was aborted. Task context, no lock held.</summary>
    [MightSleep]
    public void RestartSequences()
    {
        using (SignalLock.Enter())
        {
            for (UserThread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
            {
                if (thread.Context.HasSequences)
                {
                    thread.Context.RequestAttention();
                }
            }
        }

        // Interrupts every CPU: who was in user mode there looks at the request before it goes on.
        MemoryFence.OnAllCpus();
    }
}
