using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>What address spaces ask of processes.</summary>
internal sealed class ProcessMemoryLimits : MemoryLimitSource
{
    private const uint NoRandomization = 0x0004_0000;
    private const uint ReadImpliesExecute = 0x0040_0000;
    private const uint CompatibleLayout = 0x0020_0000;

    /// <inheritdoc/>
    public override MemoryLimits OfCurrentTask()
    {
        if (TaskStruct.Current.Signals is not UserThread thread)
        {
            return MemoryLimits.None;
        }

        Limits limits = thread.Process.Limits;
        Credentials credentials = thread.Credentials;
        return new MemoryLimits(
            limits.Current(ResourceLimit.RLIMIT_AS),
            limits.Current(ResourceLimit.RLIMIT_DATA),
            limits.Current(ResourceLimit.RLIMIT_STACK),
            limits.Current(ResourceLimit.RLIMIT_MEMLOCK),
            credentials.Has(Capability.IpcLock),
            credentials.Has(Capability.SysRawIo),
            credentials.Has(Capability.SysAdmin),
            (thread.Personality & NoRandomization) != 0,
            (thread.Personality & ReadImpliesExecute) != 0,
            (thread.Personality & CompatibleLayout) != 0);
    }
}
