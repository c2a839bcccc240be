using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Block;

/// <summary>Writers that wait until fewer pages are dirty. An object, which completions reach without asking whether a class has been constructed.</summary>
internal sealed class ThrottledWriters
{
    private readonly WaitQueue _queue = new("dirty pages");

    [Atomic]
    private int _count;

    /// <summary>Waits while there is too much. Task context; a killed task does not wait.</summary>
    [MightSleep]
    public void Wait()
    {
        // Who lowers the number of dirty pages looks here after: the count is raised before the number is read, with a full fence.
        Interlocked.Increment(ref _count);
        using (WaitQueue.Wait wait = _queue.Begin(mode: WaitMode.Killable))
        {
            while (true)
            {
                wait.Prepare();
                if (!Writeback.IsOverLimit || wait.Sleep() != WaitResult.Woken)
                {
                    break;
                }
            }
        }

        Interlocked.Decrement(ref _count);
    }

    /// <summary>Fewer pages are being written. Any context but NMI.</summary>
    [NoAllocation]
    public void LookAgain()
    {
        if (Volatile.Read(ref _count) != 0)
        {
            _queue.WakeAll();
        }
    }
}
