using CosmosKernel.Locking.PerCpu;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Network;

/// <summary>What a device counts, 64 bits each; the names are those of /sys/class/net/NAME/statistics.</summary>
public struct NetworkCounters
{
    /// <summary>Frames received.</summary>
    public ulong ReceivedPackets;

    /// <summary>Their bytes.</summary>
    public ulong ReceivedBytes;

    /// <summary>Frames received that the device or the way damaged.</summary>
    public ulong ReceiveErrors;

    /// <summary>Frames received that nobody wanted, or for which there was no memory.</summary>
    public ulong ReceiveDropped;

    /// <summary>Of the errors: too short or too long.</summary>
    public ulong ReceiveLengthErrors;

    /// <summary>Frames received for groups.</summary>
    public ulong Multicast;

    /// <summary>Frames that the driver took to send.</summary>
    public ulong SentPackets;

    /// <summary>Their bytes.</summary>
    public ulong SentBytes;

    /// <summary>Of the frames that the driver took: those that the device failed to send.</summary>
    public ulong SendErrors;

    /// <summary>Frames that the driver was not given: they did not fit into the queue, the device was down, or they were on their way already.</summary>
    public ulong SendDropped;
}

/// <summary>The counters of a device, apart for each CPU. Counting: task context and deferred calls, not hard interrupts; reading: any context.</summary>
public sealed class NetworkStatistics
{
    private readonly PerCpu<NetworkCounters> _counters = new();

    internal NetworkStatistics()
    {
    }

    /// <summary>The sums of all CPUs. No snapshot: each CPU is read when its turn comes.</summary>
    public NetworkCounters Total
    {
        get
        {
            NetworkCounters sum = default;
            for (int cpu = 0; cpu < _counters.CpuCount; cpu++)
            {
                NetworkCounters part = _counters.ReadOther(cpu);
                sum.ReceivedPackets += part.ReceivedPackets;
                sum.ReceivedBytes += part.ReceivedBytes;
                sum.ReceiveErrors += part.ReceiveErrors;
                sum.ReceiveDropped += part.ReceiveDropped;
                sum.ReceiveLengthErrors += part.ReceiveLengthErrors;
                sum.Multicast += part.Multicast;
                sum.SentPackets += part.SentPackets;
                sum.SentBytes += part.SentBytes;
                sum.SendErrors += part.SendErrors;
                sum.SendDropped += part.SendDropped;
            }

            return sum;
        }
    }

    /// <summary>What one CPU counted, 0 and up.</summary>
    public NetworkCounters OfCpu(int cpu) => _counters.ReadOther(cpu);

    /// <summary>A frame came that was damaged: for drivers.</summary>
    [NoAllocation]
    public void CountReceiveError(bool isLength = false)
    {
        using CpuPin here = CpuPin.Take();
        ref NetworkCounters counters = ref _counters.Value(in here);
        counters.ReceiveErrors++;
        counters.ReceiveLengthErrors += isLength ? 1ul : 0;
    }

    /// <summary>A frame came that there was no room for: for drivers.</summary>
    [NoAllocation]
    public void CountReceiveDrop()
    {
        using CpuPin here = CpuPin.Take();
        _counters.Value(in here).ReceiveDropped++;
    }

    /// <summary>A frame that the driver took could not be sent: for drivers.</summary>
    [NoAllocation]
    public void CountSendError()
    {
        using CpuPin here = CpuPin.Take();
        _counters.Value(in here).SendErrors++;
    }

    [NoAllocation]
    internal void CountReceived(int bytes, bool isMulticast)
    {
        using CpuPin here = CpuPin.Take();
        ref NetworkCounters counters = ref _counters.Value(in here);
        counters.ReceivedPackets++;
        counters.ReceivedBytes += (ulong)bytes;
        counters.Multicast += isMulticast ? 1ul : 0;
    }

    [NoAllocation]
    internal void CountSent(int bytes)
    {
        using CpuPin here = CpuPin.Take();
        ref NetworkCounters counters = ref _counters.Value(in here);
        counters.SentPackets++;
        counters.SentBytes += (ulong)bytes;
    }

    [NoAllocation]
    internal void CountSendDrop()
    {
        using CpuPin here = CpuPin.Take();
        _counters.Value(in here).SendDropped++;
    }
}
