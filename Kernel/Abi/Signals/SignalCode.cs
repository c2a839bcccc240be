namespace CosmosKernel.Abi;

/// <summary>Where a signal comes from: <c>si_code</c> (sigaction(2)). Positive codes are the kernel's.</summary>
public static class SignalCode
{
    /// <summary>kill(2).</summary>
    public const int SI_USER = 0;

    /// <summary>The kernel, without a nearer reason.</summary>
    public const int SI_KERNEL = 0x80;

    /// <summary>sigqueue(3).</summary>
    public const int SI_QUEUE = -1;

    /// <summary>A POSIX timer expired.</summary>
    public const int SI_TIMER = -2;

    /// <summary>The state of a message queue changed.</summary>
    public const int SI_MESGQ = -3;

    /// <summary>Asynchronous I/O has finished.</summary>
    public const int SI_ASYNCIO = -4;

    /// <summary>Queued SIGIO.</summary>
    public const int SI_SIGIO = -5;

    /// <summary>tkill(2), tgkill(2).</summary>
    public const int SI_TKILL = -6;

    /// <summary>SIGILL: illegal opcode.</summary>
    public const int ILL_ILLOPC = 1;

    /// <summary>SIGILL: illegal operand.</summary>
    public const int ILL_ILLOPN = 2;

    /// <summary>SIGILL: privileged opcode.</summary>
    public const int ILL_PRVOPC = 5;

    /// <summary>SIGFPE: integer division by zero.</summary>
    public const int FPE_INTDIV = 1;

    /// <summary>SIGFPE: integer overflow.</summary>
    public const int FPE_INTOVF = 2;

    /// <summary>SIGFPE: floating-point division by zero.</summary>
    public const int FPE_FLTDIV = 3;

    /// <summary>SIGFPE: floating-point overflow.</summary>
    public const int FPE_FLTOVF = 4;

    /// <summary>SIGFPE: floating-point underflow.</summary>
    public const int FPE_FLTUND = 5;

    /// <summary>SIGFPE: inexact floating-point result.</summary>
    public const int FPE_FLTRES = 6;

    /// <summary>SIGFPE: invalid floating-point operation.</summary>
    public const int FPE_FLTINV = 7;

    /// <summary>SIGSEGV: nothing is mapped at the address.</summary>
    public const int SEGV_MAPERR = 1;

    /// <summary>SIGSEGV: the mapping does not allow the access.</summary>
    public const int SEGV_ACCERR = 2;

    /// <summary>SIGBUS: the address is not aligned.</summary>
    public const int BUS_ADRALN = 1;

    /// <summary>SIGBUS: there is no memory behind the mapping.</summary>
    public const int BUS_ADRERR = 2;

    /// <summary>SIGTRAP: breakpoint.</summary>
    public const int TRAP_BRKPT = 1;

    /// <summary>SIGTRAP: single step.</summary>
    public const int TRAP_TRACE = 2;

    /// <summary>SIGCHLD: the child exited.</summary>
    public const int CLD_EXITED = 1;

    /// <summary>SIGCHLD: a signal ended the child.</summary>
    public const int CLD_KILLED = 2;

    /// <summary>SIGCHLD: a signal ended the child, and its memory was written to a file.</summary>
    public const int CLD_DUMPED = 3;

    /// <summary>SIGCHLD: a traced child has trapped.</summary>
    public const int CLD_TRAPPED = 4;

    /// <summary>SIGCHLD: the child stopped.</summary>
    public const int CLD_STOPPED = 5;

    /// <summary>SIGCHLD: the child goes on.</summary>
    public const int CLD_CONTINUED = 6;

    /// <summary>SIGIO: input is there.</summary>
    public const int POLL_IN = 1;

    /// <summary>SIGIO: output is possible.</summary>
    public const int POLL_OUT = 2;

    /// <summary>SIGIO: a message is there; a directory was changed (F_NOTIFY).</summary>
    public const int POLL_MSG = 3;

    /// <summary>SIGIO: an error.</summary>
    public const int POLL_ERR = 4;

    /// <summary>SIGIO: something exceptional.</summary>
    public const int POLL_PRI = 5;

    /// <summary>SIGIO: the other side is gone.</summary>
    public const int POLL_HUP = 6;

    /// <summary>SIGSYS: a filter refused the call.</summary>
    public const int SYS_SECCOMP = 1;
}
