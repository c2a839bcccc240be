namespace CosmosKernel.Processes.ProcFs;

/// <summary>What /proc tells of an address space; in pages of 4 KiB unless said otherwise.</summary>
public readonly record struct MemoryReport(
    ulong Total,
    ulong PeakTotal,
    ulong Resident,
    ulong PeakResident,
    ulong Anonymous,
    ulong File,
    ulong Shared,
    ulong Data,
    ulong Stack,
    ulong Code,
    ulong Locked,
    ulong TableBytes)
{
    /// <summary>First address of the program's code.</summary>
    public ulong CodeStart { get; init; }

    /// <summary>End of it.</summary>
    public ulong CodeEnd { get; init; }

    /// <summary>First address of its data.</summary>
    public ulong DataStart { get; init; }

    /// <summary>End of it.</summary>
    public ulong DataEnd { get; init; }

    /// <summary>Where the heap begins.</summary>
    public ulong HeapStart { get; init; }

    /// <summary>Where the stack began.</summary>
    public ulong StackStart { get; init; }

    /// <summary>First address of the arguments.</summary>
    public ulong ArgumentsStart { get; init; }

    /// <summary>End of them.</summary>
    public ulong ArgumentsEnd { get; init; }

    /// <summary>First address of the environment.</summary>
    public ulong EnvironmentStart { get; init; }

    /// <summary>End of it.</summary>
    public ulong EnvironmentEnd { get; init; }
}
