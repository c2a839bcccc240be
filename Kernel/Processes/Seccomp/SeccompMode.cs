namespace CosmosKernel.Processes.Seccomp;

/// <summary>How a thread's system calls are restricted (prctl(2), PR_GET_SECCOMP).</summary>
public enum SeccompMode
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>read, write, exit and rt_sigreturn alone.</summary>
    Strict = 1,

    /// <summary>By filters.</summary>
    Filter = 2,
}
