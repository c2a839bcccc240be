namespace CosmosKernel.Abi.Security;

/// <summary>What a seccomp filter answers (seccomp(2), SECCOMP_RET_*). Of several answers the least one as a signed number counts.</summary>
public enum SeccompAction : uint
{
    /// <summary>The thread ends by SIGSYS.</summary>
    KillThread = 0,

    /// <summary>SIGSYS, which a handler may take.</summary>
    Trap = 0x0003_0000,

    /// <summary>The call gives an errno.</summary>
    Error = 0x0005_0000,

    /// <summary>Who has the listener decides.</summary>
    Notify = 0x7FC0_0000,

    /// <summary>A tracer decides.</summary>
    Trace = 0x7FF0_0000,

    /// <summary>The call is made, and logged.</summary>
    Log = 0x7FFC_0000,

    /// <summary>The call is made.</summary>
    Allow = 0x7FFF_0000,

    /// <summary>The process ends by SIGSYS.</summary>
    KillProcess = 0x8000_0000,
}
