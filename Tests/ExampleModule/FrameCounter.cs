using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Locking.PerCpu;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Examples;

/// <summary>Counts the frames that are received, by EtherType, apart for each CPU: a tap that takes no lock and changes nothing that another CPU changes. /proc/frames shows the sums.</summary>
internal sealed class FrameCounter() : PacketHandler(EtherType.All)
{
    private readonly PerCpu<Counts> _counts = new();

    /// <inheritdoc/>
    [NoAllocation]
    public override void Receive(PacketBuffer packet)
    {
        using CpuPin here = CpuPin.Take();
        ref Counts counts = ref _counts.Value(in here);
        switch (packet.Protocol)
        {
            case EtherType.Internet:
                counts.Internet++;
                break;
            case EtherType.AddressResolution:
                counts.AddressResolution++;
                break;
            default:
                counts.Others++;
                break;
        }
    }

    /// <summary>The text of /proc/frames.</summary>
    public void Write(TextBuilder to)
    {
        Counts sum = default;
        foreach (Counts part in _counts)
        {
            sum.Internet += part.Internet;
            sum.AddressResolution += part.AddressResolution;
            sum.Others += part.Others;
        }

        to.Add("ip "u8).Add(sum.Internet).Add("\narp "u8).Add(sum.AddressResolution).Add("\nothers "u8).Add(sum.Others).Line();
    }

    private struct Counts
    {
        public long Internet;
        public long AddressResolution;
        public long Others;
    }
}
