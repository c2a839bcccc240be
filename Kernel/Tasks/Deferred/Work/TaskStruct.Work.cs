using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Tasks;

// What work queues keep of a task.
public sealed partial class TaskStruct
{
    /// <summary>What the task is among the workers, if it is one: the switch tells it when the task sleeps and when it is back.</summary>
    [Protocol("Written by the task itself; read by the switch on its own CPU.")]
    internal Worker? Worker { get; set; }
}
