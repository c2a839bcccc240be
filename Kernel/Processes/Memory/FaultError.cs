namespace CosmosKernel.Processes.Memory;

/// <summary>Why an access to user memory cannot go on (sigaction(2), si_code of SIGSEGV and SIGBUS).</summary>
public enum FaultError
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Nothing is mapped there: SIGSEGV, SEGV_MAPERR.</summary>
    NotMapped,

    /// <summary>The mapping does not allow it: SIGSEGV, SEGV_ACCERR.</summary>
    NoAccess,

    /// <summary>The object has no such page: SIGBUS, BUS_ADRERR.</summary>
    BusError,

    /// <summary>There is no memory: the process, or another one, is killed.</summary>
    OutOfMemory,
}
