namespace CosmosKernel.Processes.Memory;

/// <summary>What an address space has and uses, in pages (proc(5): status and statm).</summary>
/// <param name="Total">VmSize: all areas.</param>
/// <param name="PeakTotal">VmPeak.</param>
/// <param name="Resident">VmRSS.</param>
/// <param name="PeakResident">VmHWM.</param>
/// <param name="ResidentAnonymous">RssAnon.</param>
/// <param name="ResidentFile">RssFile.</param>
/// <param name="ResidentShared">RssShmem.</param>
/// <param name="Data">VmData: private and writable, no stack.</param>
/// <param name="Stack">VmStk.</param>
/// <param name="Code">Executable and not writable: VmExe and VmLib together.</param>
/// <param name="Locked">VmLck.</param>
/// <param name="TableBytes">VmPTE, bytes.</param>
public readonly record struct MemoryUse(
    ulong Total,
    ulong PeakTotal,
    ulong Resident,
    ulong PeakResident,
    ulong ResidentAnonymous,
    ulong ResidentFile,
    ulong ResidentShared,
    ulong Data,
    ulong Stack,
    ulong Code,
    ulong Locked,
    ulong TableBytes);
