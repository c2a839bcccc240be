using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Threads
{
    /// <summary>Stands for the machine's thread.</summary>
    public sealed class MachineThread;
}

namespace CosmosKernel.Tasks
{
    /// <summary>What address spaces know of tasks.</summary>
    public sealed class TaskStruct
    {
        public static TaskStruct Current { get; } = new();

        public bool IsKilled { get; set; }

        public MachineThread MachineThread { get; } = new();

        public TaskAddressSpace? AddressSpace { get; set; }
    }

    /// <summary>The mappings of user mode.</summary>
    public abstract class TaskAddressSpace
    {
        public abstract void Release(TaskStruct task);
    }
}
