using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.NetworkTests;

/// <summary>Network devices as administrators and drivers see them.</summary>
public static class DeviceTests
{
    /// <summary>Names are given by pattern, the lowest number that is free; indexes are never given twice.</summary>
    [KernelTest("module.network_devices_get_names_and_indexes")]
    public static void DevicesGetNames()
    {
        using Bench bench = Bench.Open("test-net-names");
        var options = new NetworkDeviceOptions { Name = "tst%d" };
        NetworkDevice first = bench.Context.AddNetworkDevice(options, new ScriptedDriver());
        NetworkDevice second = bench.Context.AddNetworkDevice(options, new ScriptedDriver());
        Check.Equal("tst0 tst1", $"{first.Name} {second.Name}");
        Check.Equal(first.Index + 1, second.Index);
        Check.Equal(2, first.Address[0] & 3, "a random address is of one device, and administered locally");
        Check.False(first.Address.SequenceEqual(second.Address));
        bench.Context.Release(first);
        NetworkDevice third = bench.Context.AddNetworkDevice(options, new ScriptedDriver());
        Check.Equal("tst0", third.Name);
        Check.Equal(second.Index + 1, third.Index);
        Check.Equal(Errno.ENODEV, first.SetUp(true), "one that is gone");
        Check.Equal(Errno.ENODEV, first.SetMtu(1000));
        Check.Throws<InvalidOperationException>(() => bench.Context.AddNetworkDevice(options with { Name = "tst1" }, new ScriptedDriver()));
        foreach (string bad in new[] { "", "a/b", "a b", "a:b", ".", "..", "x%d%d", "x%s", "%", "sixteen-bytes-ab" })
        {
            Check.Throws<ArgumentException>(() => bench.Context.AddNetworkDevice(options with { Name = bad }, new ScriptedDriver()));
        }

        Check.Throws<ArgumentException>(() => bench.Context.AddNetworkDevice(options with { Address = new byte[5] }, new ScriptedDriver()));
        Check.Throws<ArgumentException>(() => bench.Context.AddNetworkDevice(options with { Mtu = 9000 }, new ScriptedDriver()));
        Check.Equal(Errno.EEXIST, third.Rename("tst1"));
        Check.Equal(Errno.Ok, third.Rename("other%d"));
        Check.True(NetworkDevices.Find("other0") == third && NetworkDevices.Find("tst0") is null);
    }

    /// <summary>What an administrator changes is checked, asked of the driver, and told to whom it concerns, in order.</summary>
    [KernelTest("module.network_changes_are_checked_and_told")]
    public static void ChangesAreTold()
    {
        using Bench bench = Bench.Open("test-net-changes");
        var told = new List<string>();
        bench.Context.AddNotifier(KernelNotifiers.NetworkChanges, change => told.Add($"{change.Device.Name} {change.Event}"));
        var driver = new ScriptedDriver();
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "chg%d" }, driver);
        Check.Equal(Errno.EINVAL, device.SetMtu(67));
        Check.Equal(Errno.EINVAL, device.SetMtu(1501));
        Check.Equal(Errno.EBUSY, device.SetMtu(1111), "the driver refuses it");
        Check.Equal(Errno.Ok, device.SetMtu(1000));
        Check.Equal(1000, device.Mtu);
        Check.Equal(Errno.EOPNOTSUPP, device.SetAddress([2, 0, 0, 0, 0, 1]));
        Check.Equal(Errno.EADDRNOTAVAIL, device.SetAddress([1, 0, 0, 0, 0, 1]));
        Check.Equal("down", device.OperationalState);
        Check.Equal(Errno.Ok, device.SetUp(true));
        Check.Equal(Errno.Ok, device.SetUp(true), "it is up already");
        Check.Equal("unknown", device.OperationalState, "it does not tell of its carrier");
        Check.Equal(InterfaceFlags.Up | InterfaceFlags.Broadcast | InterfaceFlags.Multicast | InterfaceFlags.Running | InterfaceFlags.LowerUp, device.Flags);
        Check.Equal(Errno.EBUSY, device.Rename("chg9"));
        Check.Equal(Errno.Ok, device.SetInterfaceFlags(device.Flags | InterfaceFlags.Promiscuous));
        Check.Equal(Errno.Ok, device.ChangePromiscuity(1));
        Check.Equal(Errno.Ok, device.SetInterfaceFlags(device.Flags & ~InterfaceFlags.Promiscuous));
        Check.True(device.IsPromiscuous, "somebody else wants it still");
        Check.Equal(Errno.Ok, device.ChangePromiscuity(-1));
        Check.False(device.IsPromiscuous);
        Check.Equal(Errno.Ok, device.SetInterfaceFlags(InterfaceFlags.None));
        Check.False(device.IsUp);
        Check.Equal("mtu 1111, mtu 1000, open, stop", string.Join(", ", driver.Calls));
        bench.Context.Release(device);
        string all = string.Join(", ", told);
        Check.Equal("chg0 Added, chg0 Mtu, chg0 Up, chg0 Flags, chg0 Flags, chg0 Flags, chg0 GoingDown, chg0 Down, chg0 Flags, chg0 Removing", all);
    }

    /// <summary>A driver that refuses or throws leaves the device down, and its module unused.</summary>
    [KernelTest("module.network_device_whose_driver_fails_stays_down")]
    public static void AFailingDriverStaysDown()
    {
        using Bench bench = Bench.Open("test-net-fails");
        var driver = new ScriptedDriver { OpenResult = Errno.EBUSY };
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "bad%d" }, driver);
        Check.Equal(Errno.EBUSY, device.SetUp(true));
        driver.Throws = true;
        Check.Equal(Errno.EIO, device.SetUp(true));
        Check.False(device.IsUp);
        Check.Equal(1L, bench.Entry.Faults);
        Check.Equal(0, bench.Entry.Uses);
    }

    /// <summary>A module with a device that is up is not stopped; once it is down it is, and nothing is left: no device, no handler, no memory.</summary>
    [KernelTest("module.network_device_that_is_up_keeps_its_module")]
    public static void ADeviceThatIsUpKeepsItsModule()
    {
        ulong used = DmaMemory.Frames - DmaMemory.IdleFrames;
        int handlers = PacketHandlers.All.Length;
        int devices = NetworkDevices.All.Length;
        NetworkDevice device;
        using (Bench bench = Bench.Open("test-net-pinned"))
        {
            device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "pin%d" }, new ScriptedDriver());
            bench.Context.AddPacketHandler(new Recorder(EtherType.Experiment, device, 1));
            bench.Context.CreatePacketPool(100);
            Check.Equal(Errno.Ok, device.SetUp(true));
            InvalidOperationException refused = Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(bench.Entry));
            Check.True(refused.Message.Contains("in use", StringComparison.Ordinal), refused.Message);
            Check.True(device.IsUp, "it still works");
            Check.Equal(Errno.Ok, device.SetUp(false));
            ModuleRegistry.Stop(bench.Entry);
        }

        Check.True(NetworkDevices.Find("pin0") is null);
        Check.Equal(handlers, PacketHandlers.All.Length);
        Check.Equal(devices, NetworkDevices.All.Length);
        Check.Equal(used, DmaMemory.Frames - DmaMemory.IdleFrames, "frames of DMA memory in use");
        Check.Equal(Errno.ENODEV, device.SetUp(true));
    }

    /// <summary>A device without room lets frames wait, in order, up to its queue's length; what comes beyond is dropped. When there is room they go in the same order.</summary>
    [KernelTest("module.network_queue_keeps_order_and_has_a_limit")]
    public static void TheQueueKeepsOrder()
    {
        using Bench bench = Bench.Open("test-net-queue");
        var driver = new ScriptedDriver();
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "que%d", TransmitQueueLength = 50 }, driver);
        PacketPool pool = bench.Context.CreatePacketPool(100);
        byte[] to = [2, 0, 0, 0, 0, 1];
        Check.Equal(Errno.ENETDOWN, device.Transmit(Bench.Frame(pool, device, to, 0)));
        Check.Equal(100, pool.FreeCount, "what is refused is released");
        Check.Equal(Errno.Ok, device.SetUp(true));
        Check.Equal(Errno.EMSGSIZE, device.Transmit(Bench.Frame(pool, device, to, 0, 1515)));
        driver.SetRoom(10);
        for (int i = 0; i < 60; i++)
        {
            Check.Equal(Errno.Ok, device.Transmit(Bench.Frame(pool, device, to, i, i == 7 ? 1514 : 60)));
        }

        Check.Equal(Errno.ENOBUFS, device.Transmit(Bench.Frame(pool, device, to, 60)));
        Check.Equal(10, driver.Taken);
        Check.Equal(50, device.TransmitQueues[0].Count);
        driver.SetRoom(25);
        device.TransmitQueues[0].Wake();
        Bench.Await(() => driver.Taken == 25, "15 more are sent");
        driver.SetRoom(1000);
        device.TransmitQueues[0].Wake();
        Bench.Await(() => driver.Taken == 60, "all are sent");
        for (int i = 0; i < 60; i++)
        {
            Check.Equal(i, driver.NumberOf(i));
        }

        NetworkCounters counters = device.Statistics.Total;
        Check.Equal(60ul, counters.SentPackets);
        Check.Equal(59ul * 60 + 1514, counters.SentBytes);
        Check.Equal(3ul, counters.SendDropped);

        // What waits when it goes down is dropped, and what the driver has it gives back.
        driver.SetRoom(0);
        Check.Equal(Errno.Ok, device.Transmit(Bench.Frame(pool, device, to, 61)));
        Check.Equal(Errno.Ok, device.SetUp(false));
        Check.Equal(100, pool.FreeCount);
        Check.Equal(0L, pool.WrongReleases);
    }

    /// <summary>A carrier that changes when the device is gone is told to nobody: Removing is the last that is heard of a device.</summary>
    [KernelTest("module.network_device_that_is_gone_tells_no_carrier")]
    public static void NothingIsToldBehindRemoving()
    {
        using Bench bench = Bench.Open("test-net-gone");
        var told = new List<NetworkEvent>();
        bench.Context.AddNotifier(KernelNotifiers.NetworkChanges, change => told.Add(change.Event));
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "gone%d", Features = NetworkFeatures.ReportsCarrier }, new ScriptedDriver());
        device.SetCarrier(true);
        Bench.Await(() => told.Count == 2, "the carrier is told");
        bench.Context.Release(device);
        device.SetCarrier(false);
        WorkQueues.Default.Flush();
        Check.Equal("Added, Carrier, Removing", string.Join(", ", told));
    }

    /// <summary>An administrator's task that is killed while the driver waits is no fault of the module, and the device stays as it was.</summary>
    [KernelTest("module.network_driver_of_a_killed_task_has_no_fault")]
    public static void AKillIsNoFault()
    {
        using Bench bench = Bench.Open("test-net-killed");
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "kil%d" }, new ScriptedDriver { Sleeps = true });
        var error = Errno.Ok;
        TaskStruct asker = bench.Context.StartTask("asker", () =>
        {
            // The driver's first sleep ends at once.
            TaskStruct.Current.Kill();
            error = device.SetUp(true);
        });
        asker.Join();
        Check.Equal(Errno.EIO, error);
        Check.False(device.IsUp);
        Check.Equal(0L, bench.Entry.Faults);
        Check.Equal(0, bench.Entry.Uses);
    }
}
