namespace CosmosKernel.Syscalls;

/// <summary>How much of a system call works.</summary>
public enum Support
{
    /// <summary>All of it: each flag has a test.</summary>
    All,

    /// <summary>A part; <see cref="SystemCallAttribute.Missing"/> says what does not, and gives the interface's own error.</summary>
    Some,
}
