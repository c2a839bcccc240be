using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.VirtioNet;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.NetworkTests;

/// <summary>The virtio card when it breaks, or does not answer: a device that may not reach memory is mute. Each test starts the driver anew at its end, and the card works again.</summary>
public static class BrokenCardTests
{
    // Half a second: nobody answers.
    private const ulong CommandPatience = 500_000_000;

    /// <summary>A card that breaks behind the driver's question whether it is broken: frames lie in its queue, and its buffers are taken back before it is opened. Nothing is taken from it.</summary>
    [KernelTest("driver.virtio_net_that_breaks_while_it_is_opened_stays_down")]
    public static void BreaksWhileItIsOpened()
    {
        (ModuleEntry entry, VirtioNetDevice driver, NetworkDevice card) = Card();
        using Bench bench = Bench.Open("test-virtio-net-opened");
        PacketPool pool = bench.Context.CreatePacketPool(4);
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.HasCarrier, "the carrier is there");
        Check.Equal(Errno.Ok, card.SetUp(false));

        // The card is down and its device is not: the answer stays in the queue.
        Check.True(driver.Transmit(VirtioNetTests.Question(pool, card), card.TransmitQueues[0]));
        driver.Commit(card.TransmitQueues[0]);
        Bench.Await(() => driver.Receive.HasFrames, "a frame that nobody takes");
        driver.Device.Break(null);
        Bench.Await(() => driver.Receive.IsDrained, "the buffers are back");
        Check.False(driver.Receive.Open(card), "the end of an Open that began before");
        Check.Equal(Errno.EIO, card.SetUp(true));
        Check.False(card.IsUp);
        Check.Equal(Errno.EIO, card.SetAddress([2, 0, 0, 0, 0, 9]));
        Bench.Await(() => !card.HasCarrier, "no carrier");
        Check.Equal(0L, entry.Faults);
        Restart(entry);
        Check.Equal(4, pool.FreeCount);
    }

    /// <summary>A card with a full queue breaks: all frames come back, those that wait for room too, and count as errors.</summary>
    [KernelTest("driver.virtio_net_that_breaks_gives_all_frames_back")]
    public static void GivesAllFramesBack()
    {
        const int Waiting = 20;
        (ModuleEntry entry, VirtioNetDevice driver, NetworkDevice card) = Card();
        using Bench bench = Bench.Open("test-virtio-net-full");
        PacketPool pool = bench.Context.CreatePacketPool(2048);
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.HasCarrier, "the carrier is there");
        driver.Device.Pci.SetBusMaster(false);
        ulong sent = 0;
        while (card.TransmitQueues[0].Count < Waiting)
        {
            Check.Equal(Errno.Ok, card.Transmit(VirtioNetTests.Question(pool, card)));
            sent++;
        }

        NetworkCounters before = card.Statistics.Total;
        driver.Device.Break(null);
        Bench.Await(() => pool.FreeCount == pool.Count, $"{pool.FreeCount} of {pool.Count} buffers are back");
        Check.Equal(0, card.TransmitQueues[0].Count);
        Check.Equal(sent, card.Statistics.Total.SendErrors - before.SendErrors);
        Bench.Await(() => !card.HasCarrier, "no carrier");
        Check.Equal(Errno.ENETDOWN, card.Transmit(VirtioNetTests.Question(pool, card)));
        Check.Equal(Errno.Ok, card.SetUp(false));
        Check.Equal(0L, pool.WrongReleases);
        Restart(entry);
    }

    /// <summary>A task that was killed waits for the card's answer all the same: a command that is left behind would be answered to the next one. Nothing is asked of a card that did not answer.</summary>
    [KernelTest("driver.virtio_net_command_is_awaited_by_a_killed_task")]
    public static void AKilledTaskWaits()
    {
        (ModuleEntry entry, VirtioNetDevice driver, NetworkDevice card) = Card();
        using Bench bench = Bench.Open("test-virtio-net-killed");
        driver.Control!.Patience = CommandPatience;
        driver.Device.Pci.SetBusMaster(false);
        var error = Errno.Ok;
        TaskStruct asker = bench.Context.StartTask("asker", () =>
        {
            TaskStruct.Current.Kill();
            error = driver.ChangeAddress(card, [2, 0, 0, 0, 0, 9]);
        });
        asker.Join();
        Check.Equal(Errno.EIO, error, "it came back with an answer, and not by its death");
        Check.Equal(Errno.EIO, driver.ChangeAddress(card, [2, 0, 0, 0, 0, 9]));
        Check.Equal(0L, entry.Faults);
        Restart(entry);
    }

    /// <summary>The network device is made known when the card works: whoever hears of it first may give it commands.</summary>
    [KernelTest("driver.virtio_net_is_known_when_it_works")]
    public static void IsKnownWhenItWorks()
    {
        (ModuleEntry entry, _, _) = Card();
        using Bench bench = Bench.Open("test-virtio-net-known");
        var modes = new List<PciInterruptModes>();
        bench.Context.AddNotifier(KernelNotifiers.NetworkChanges, change =>
        {
            if (change is { Event: NetworkEvent.Added, Device.Name: "eth0" })
            {
                modes.Add(Driver(entry).Device.InterruptMode);
            }
        });
        Restart(entry);
        Check.Equal(1, modes.Count);
        Check.True(modes[0] != PciInterruptModes.None, "it has been started before");
    }

    private static (ModuleEntry Entry, VirtioNetDevice Driver, NetworkDevice Card) Card()
    {
        NetworkDevice card = VirtioNetTests.Card();
        return (card.Module, Driver(card.Module), card);
    }

    private static VirtioNetDevice Driver(ModuleEntry entry) => ((VirtioNetModule)entry.Module).Cards!.Latest!;

    private static void Restart(ModuleEntry entry)
    {
        ModuleRegistry.Stop(entry);
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
        NetworkDevice card = VirtioNetTests.Card();
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.HasCarrier, "the card works again");
        Check.Equal(Errno.Ok, card.SetUp(false));
    }
}
