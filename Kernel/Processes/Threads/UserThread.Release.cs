using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

public sealed partial class UserThread
{
    /// <summary>It has left its process by <see cref="ThreadExit.Leave"/>, or never joined it.</summary>
    [Protocol("The thread itself, and its maker before the start.")]
    internal bool HasEnded { get; set; }

    /// <summary>The task ends. A thread that was killed before it ran, or that an error of the kernel ended, leaves its process here.</summary>
    [MightSleep]
    public override void Release(TaskStruct task)
    {
        if (!HasEnded)
        {
            ThreadExit.Leave(this);
        }
    }
}
