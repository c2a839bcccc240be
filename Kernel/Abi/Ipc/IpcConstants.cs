namespace CosmosKernel.Abi;

/// <summary>What shared memory, semaphores and message queues of System V have in common (sysvipc(7)).</summary>
public static class IpcConstants
{
    /// <summary>The key that is nobody's: always a new object.</summary>
    public const int IPC_PRIVATE = 0;

    /// <summary>Make it if there is none with the key.</summary>
    public const int IPC_CREAT = 0x200;

    /// <summary>With IPC_CREAT: fail if there is one.</summary>
    public const int IPC_EXCL = 0x400;

    /// <summary>Do not wait.</summary>
    public const int IPC_NOWAIT = 0x800;

    /// <summary>Remove it.</summary>
    public const int IPC_RMID = 0;

    /// <summary>Set owner and permissions.</summary>
    public const int IPC_SET = 1;

    /// <summary>Read its description.</summary>
    public const int IPC_STAT = 2;

    /// <summary>Read the limits.</summary>
    public const int IPC_INFO = 3;
}
