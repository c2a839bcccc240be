namespace CosmosKernel.Processes.Memory;

/// <summary>How much memory may be promised (proc_sys_vm(5), overcommit_memory).</summary>
public enum OvercommitPolicy
{
    /// <summary>Whatever is not obviously too much: one mapping larger than all memory.</summary>
    Heuristic = 0,

    /// <summary>Anything.</summary>
    Always = 1,

    /// <summary>Not more than the commit limit.</summary>
    Never = 2,
}
