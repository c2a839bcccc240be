using System;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>What is known of the program that an address space was made for: addresses for /proc/PID/stat, cmdline, environ, auxv and exe (proc(5)).</summary>
[Immutable]
public sealed record ProgramImage
{
    /// <summary>First address of the program's code, and the end of it.</summary>
    public ulong CodeStart { get; init; }

    /// <summary>End of the code.</summary>
    public ulong CodeEnd { get; init; }

    /// <summary>First address of the data.</summary>
    public ulong DataStart { get; init; }

    /// <summary>End of the data, without what is zero at the start.</summary>
    public ulong DataEnd { get; init; }

    /// <summary>Where the heap begins.</summary>
    public ulong HeapStart { get; init; }

    /// <summary>Stack pointer at the program's start.</summary>
    public ulong StackStart { get; init; }

    /// <summary>First address of the arguments' strings.</summary>
    public ulong ArgumentsStart { get; init; }

    /// <summary>End of the arguments' strings.</summary>
    public ulong ArgumentsEnd { get; init; }

    /// <summary>First address of the environment's strings.</summary>
    public ulong EnvironmentStart { get; init; }

    /// <summary>End of the environment's strings.</summary>
    public ulong EnvironmentEnd { get; init; }

    /// <summary>The auxiliary vector, as it is on the stack.</summary>
    public ReadOnlyMemory<byte> AuxiliaryVector { get; init; }

    /// <summary>The file; the default value for none.</summary>
    public VfsPath File { get; init; }
}
