using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Files.Network;

/// <summary>/proc/net/dev and /proc/net/ptype (proc(5)).</summary>
public static class NetworkReport
{
    /// <summary>Devices and what they counted. Task context.</summary>
    public static void WriteDevices(TextBuilder to)
    {
        to.Add("Inter-|   Receive                                                |  Transmit\n"u8);
        to.Add(" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"u8);
        foreach (NetworkDevice device in NetworkDevices.All)
        {
            NetworkCounters counters = device.Statistics.Total;
            string name = device.Name;
            to.Fill(6 - name.Length, ' ').Add(name).Add(": "u8);
            Add(to, counters.ReceivedBytes, 7);
            Add(to, counters.ReceivedPackets, 7);
            Add(to, counters.ReceiveErrors, 4);
            Add(to, counters.ReceiveDropped, 4);
            Add(to, 0, 4);
            Add(to, counters.ReceiveLengthErrors, 5);
            Add(to, 0, 10);
            Add(to, counters.Multicast, 9);
            Add(to, counters.SentBytes, 8);
            Add(to, counters.SentPackets, 7);
            Add(to, counters.SendErrors, 4);
            Add(to, counters.SendDropped, 4);
            Add(to, 0, 4);
            Add(to, 0, 5);
            Add(to, 0, 7);
            to.AddRight(0, 10).Line();
        }
    }

    /// <summary>Who receives frames in the kernel. Task context.</summary>
    public static void WriteHandlers(TextBuilder to)
    {
        to.Add("Type Device      Function\n"u8);
        foreach (PacketHandler handler in PacketHandlers.All)
        {
            if (handler.IsTap)
            {
                to.Add("ALL "u8);
            }
            else
            {
                to.AddHex(handler.Protocol, 4);
            }

            to.Add(' ').AddLeft(handler.Device?.Name ?? "", 8).Add(' ').Add(handler.GetType().Name).Line();
        }
    }

    private static void Add(TextBuilder to, ulong value, int width) => to.AddRight((long)value, width).Add(' ');
}
