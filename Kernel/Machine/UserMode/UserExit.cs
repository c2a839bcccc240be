namespace CosmosKernel.Machine.UserMode;

/// <summary>Why <see cref="UserContext.Run"/> returned.</summary>
public enum UserExit
{
    /// <summary>SYSCALL: number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9.</summary>
    SystemCall,

    /// <summary>An exception; <see cref="UserRegisters.Vector"/> and <see cref="UserRegisters.ErrorCode"/> say which, for a page fault <see cref="UserContext.FaultAddress"/> where.</summary>
    Exception,

    /// <summary>Somebody called <see cref="UserContext.RequestAttention"/>.</summary>
    Attention,
}
