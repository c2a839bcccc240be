using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Loading;

/// <summary>The arguments or the environment of a program: an array of pointers in the running task's memory, or strings of the kernel.</summary>
[Immutable]
public sealed class ProgramStrings
{
    private readonly IReadOnlyList<byte[]>? _strings;

    /// <summary>Those of a system call.</summary>
    /// <param name="array">User address of pointers, ended by a null pointer; 0 for none.</param>
    public ProgramStrings([UserAddress] ulong array) => Array = array;

    /// <summary>Those of the kernel, for the first process.</summary>
    /// <param name="strings">Without NUL.</param>
    public ProgramStrings(IReadOnlyList<byte[]> strings) => _strings = strings;

    /// <summary>User address of the pointers.</summary>
    [UserAddress]
    internal ulong Array { get; }

    /// <summary>The kernel's strings; null for those of a system call.</summary>
    internal IReadOnlyList<byte[]>? Strings => _strings;
}
