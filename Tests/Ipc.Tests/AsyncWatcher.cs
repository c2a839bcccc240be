using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Polling;

/// <summary>Stands for the class of this name in Kernel/Files: no file of these tests sends signals.</summary>
internal sealed class AsyncWatcher : PollWatcher
{
    public void Note(PollQueue queue)
    {
    }

    [NoAllocation]
    public void Told(PollEvents events)
    {
    }

    [NoAllocation]
    [InterruptContext]
    protected internal override void OnWake(PollEvents events)
    {
    }
}
