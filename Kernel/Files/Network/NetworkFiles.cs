using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Network;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Network;

/// <summary>Network devices in sysfs: /sys/devices/virtual/net/NAME with the link /sys/class/net/NAME (Documentation/ABI/testing/sysfs-class-net, sysfs-class-net-statistics).</summary>
public sealed class NetworkFiles : NetworkListener
{
    private readonly Mutex _lock = new("files of network devices");

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<NetworkDevice, (string Name, List<IDisposable> Files)> _made = [];

    private NetworkFiles()
    {
    }

    /// <summary>From here on devices have files. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Start() => NetworkDevices.Listen(new NetworkFiles());

    /// <inheritdoc/>
    [MightSleep]
    public override void Changed()
    {
        using (_lock.Enter())
        {
            (NetworkDevice Device, string Name)[] now = NetworkDevices.Names;

            // First all that go: another device may have the name by now.
            foreach ((NetworkDevice device, (string name, List<IDisposable> files)) in new Dictionary<NetworkDevice, (string, List<IDisposable>)>(_made))
            {
                if (Array.IndexOf(now, (device, name)) < 0)
                {
                    _made.Remove(device);
                    for (int i = files.Count - 1; i >= 0; i--)
                    {
                        files[i].Dispose();
                    }
                }
            }

            foreach ((NetworkDevice device, string name) in now)
            {
                if (!_made.ContainsKey(device))
                {
                    _made[device] = (name, Make(device, name));
                }
            }
        }
    }

    [MightSleep]
    private static List<IDisposable> Make(NetworkDevice device, string name)
    {
        string folder = $"devices/virtual/net/{name}";
        var files = new List<IDisposable>();
        Text("address", to => AddAddress(to, device.Address).Line());
        Text("broadcast", to => to.Add(device.IsLoopback ? "00:00:00:00:00:00\n"u8 : "ff:ff:ff:ff:ff:ff\n"u8));
        Number("addr_len", () => EtherType.AddressBytes);
        Number("ifindex", () => device.Index);
        Number("iflink", () => device.Index);
        Number("type", () => (int)device.Options.Type);
        Number("link_mode", () => 0);
        Number("carrier_changes", () => device.CarrierChanges);
        Number("carrier_up_count", () => (device.CarrierChanges + 1) / 2);
        Number("carrier_down_count", () => device.CarrierChanges / 2);
        Text("operstate", to => to.Add(device.OperationalState).Line());
        Text("dev_id", to => to.Add("0x0\n"u8));
        Writable("flags", to => to.Add("0x"u8).AddHex((ulong)device.SetFlags).Line(), value => device.SetInterfaceFlags((InterfaceFlags)(int)value));
        Writable("mtu", to => to.Add((long)device.Mtu).Line(), value => device.SetMtu((int)Math.Min(value, int.MaxValue)));
        Writable("tx_queue_len", to => to.Add((long)device.TransmitQueueLength).Line(), value => value > int.MaxValue ? Errno.ERANGE : device.SetTransmitQueueLength((int)value));

        // Of a device that is down nothing is known (sysfs-class-net, "carrier").
        files.Add(Entry("carrier", device, up => up ? device.HasCarrier ? 1 : 0 : null));
        files.Add(Entry("dormant", device, up => up ? 0 : null));
        Text("uevent", to => to.Add("INTERFACE="u8).Add(name).Add("\nIFINDEX="u8).Add((long)device.Index).Line());
        Counter("rx_packets", counters => counters.ReceivedPackets);
        Counter("tx_packets", counters => counters.SentPackets);
        Counter("rx_bytes", counters => counters.ReceivedBytes);
        Counter("tx_bytes", counters => counters.SentBytes);
        Counter("rx_errors", counters => counters.ReceiveErrors);
        Counter("tx_errors", counters => counters.SendErrors);
        Counter("rx_dropped", counters => counters.ReceiveDropped);
        Counter("tx_dropped", counters => counters.SendDropped);
        Counter("multicast", counters => counters.Multicast);
        Counter("rx_length_errors", counters => counters.ReceiveLengthErrors);

        // What no driver here tells apart.
        foreach (string other in new[] { "collisions", "rx_over_errors", "rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors", "rx_compressed", "rx_nohandler", "tx_aborted_errors",
            "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors", "tx_window_errors", "tx_compressed" })
        {
            Counter(other, _ => 0);
        }

        files.Add(SystemTree.Sys.AddLink($"{folder}/subsystem", "../../../../class/net"));
        files.Add(SystemTree.Sys.AddLink($"class/net/{name}", $"../../{folder}"));
        return files;

        void Text(string file, TextGenerator generate) => files.Add(SystemTree.Sys.Add($"{folder}/{file}", generate));

        void Number(string file, Func<long> value) => Text(file, to => to.Add(value()).Line());

        void Counter(string file, Func<NetworkCounters, ulong> value) => Text($"statistics/{file}", to => to.Add(value(device.Statistics.Total)).Line());

        void Writable(string file, TextGenerator generate, Func<ulong, Errno> set) => files.Add(SystemTree.Sys.Add($"{folder}/{file}", generate, text => Write(text, set)));

        IDisposable Entry(string file, NetworkDevice of, Func<bool, int?> value) =>
            SystemTree.Sys.Add($"{folder}/{file}", to => to.Add((long)(value(of.IsUp) ?? throw new InvalidOperationException())).Line(), fault: _ => Errno.EINVAL);
    }

    private static TextBuilder AddAddress(TextBuilder to, ReadOnlySpan<byte> address)
    {
        for (int i = 0; i < address.Length; i++)
        {
            to.Add(i == 0 ? "" : ":").Add(address[i].ToString("x2", CultureInfo.InvariantCulture));
        }

        return to;
    }

    // As kstrtoul with base 0, after the question who may.
    [MightSleep]
    private static Errno Write(ReadOnlySpan<byte> text, Func<ulong, Errno> set)
    {
        if (!Credentials.Current.Has(Capability.NetAdmin))
        {
            return Errno.EPERM;
        }

        ReadOnlySpan<byte> digits = text.Trim(" \t\n\0"u8);
        bool isHex = digits.StartsWith("0x"u8) || digits.StartsWith("0X"u8);
        digits = isHex ? digits[2..] : digits;
        return Utf8Parser.TryParse(digits, out ulong value, out int used, isHex ? 'x' : 'D') && used == digits.Length ? set(value) : Errno.EINVAL;
    }
}
