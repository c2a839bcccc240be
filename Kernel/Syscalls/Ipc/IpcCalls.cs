using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>System calls of shared memory, semaphores and message queues.</summary>
internal static class IpcCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new SharedMemoryGet());
        table.Add(new SharedMemoryAttach());
        table.Add(new SharedMemoryDetach());
        table.Add(new SharedMemoryControl());
        table.Add(new SemaphoreGet());
        table.Add(new SemaphoreOperate());
        table.Add(new SemaphoreTimedOperate());
        table.Add(new SemaphoreControl());
        table.Add(new MessageGet());
        table.Add(new MessageSend());
        table.Add(new MessageReceive());
        table.Add(new MessageControl());
        table.Add(new QueueOpen());
        table.Add(new QueueUnlink());
        table.Add(new QueueTimedSend());
        table.Add(new QueueTimedReceive());
        table.Add(new QueueNotify());
        table.Add(new QueueGetSetAttributes());
    }
}
