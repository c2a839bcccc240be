using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.NetworkTests;

/// <summary>Buffers with several owners, who hand them to several devices: a buffer is in one queue at a time, and no list is cut.</summary>
public static class HandoverTests
{
    /// <summary>A frame that waits in the queue of one device is refused by another one and counted; both queues keep their order, and each buffer comes back once.</summary>
    [KernelTest("module.network_buffer_is_in_one_queue_at_a_time")]
    public static void OneQueueAtATime()
    {
        using Bench bench = Bench.Open("test-net-handover");
        var firstDriver = new ScriptedDriver();
        var secondDriver = new ScriptedDriver();
        NetworkDevice first = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "hnd%d" }, firstDriver);
        NetworkDevice second = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "hnd%d" }, secondDriver);
        PacketPool pool = bench.Context.CreatePacketPool(8);
        Check.Equal(Errno.Ok, first.SetUp(true));
        Check.Equal(Errno.Ok, second.SetUp(true));

        // Neither driver has room: 1 and 2 wait at the first device, 3 and 4 at the second.
        PacketBuffer shared = Bench.Frame(pool, first, second.Address, 1);
        shared.Hold();
        shared.Hold();
        Check.Equal(Errno.Ok, first.Transmit(shared));
        Check.Equal(Errno.Ok, first.Transmit(Bench.Frame(pool, first, second.Address, 2)));
        Check.Equal(Errno.Ok, second.Transmit(Bench.Frame(pool, second, first.Address, 3)));
        Check.Equal(Errno.EBUSY, second.Transmit(shared), "it waits at the first device");
        second.QueueReceived(shared);
        Check.Equal(Errno.Ok, second.Transmit(Bench.Frame(pool, second, first.Address, 4)));
        Bench.Await(() => second.Statistics.Total.ReceiveDropped == 1, "the receiver counts it as well");
        Check.Equal(1ul, second.Statistics.Total.SendDropped);
        Check.True(shared.Device == first && shared.Kind == PacketKind.Outgoing, "what is said of its way is the first device's");
        Check.Equal(2, first.TransmitQueues[0].Count);
        Check.Equal(2, second.TransmitQueues[0].Count);

        Run(first, firstDriver, 2);
        Run(second, secondDriver, 2);
        Check.Equal("1 2 3 4", $"{firstDriver.NumberOf(0)} {firstDriver.NumberOf(1)} {secondDriver.NumberOf(0)} {secondDriver.NumberOf(1)}");
        Check.Equal(Errno.Ok, first.SetUp(false));
        Check.Equal(Errno.Ok, second.SetUp(false));
        Check.Equal(8, pool.FreeCount);
        Check.Equal(0L, pool.WrongReleases);
    }

    /// <summary>The driver's refusal is the moment at which another owner can hand the frame in elsewhere: he does, from inside of it, and the first queue drops what is not its own any more.</summary>
    [KernelTest("module.network_buffer_is_taken_away_while_a_driver_has_no_room")]
    public static void TakenAwayInBetween()
    {
        using Bench bench = Bench.Open("test-net-between");
        var thief = new Thief();
        NetworkDevice first = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "btw%d" }, thief);
        NetworkDevice second = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "btw%d" }, new ScriptedDriver());
        thief.Other = second;
        PacketPool pool = bench.Context.CreatePacketPool(4);
        var receiver = new Recorder(EtherType.Experiment, second, 4);
        bench.Context.AddPacketHandler(receiver);
        Check.Equal(Errno.Ok, first.SetUp(true));
        Check.Equal(Errno.Ok, second.SetUp(true));

        // At once, and from the queue.
        thief.Steals = true;
        Check.Equal(Errno.EBUSY, first.Transmit(Bench.Frame(pool, first, second.Address, 1)));
        Check.Equal(0, first.TransmitQueues[0].Count);
        Bench.Await(() => receiver.Seen == 1, "the other device has it");
        Check.Equal(Errno.Ok, first.Transmit(Bench.Frame(pool, first, second.Address, 2)));
        Check.Equal(Errno.Ok, first.Transmit(Bench.Frame(pool, first, second.Address, 3)));
        first.TransmitQueues[0].Wake();
        Bench.Await(() => receiver.Seen == 2, "the other device has two");
        Bench.Await(() => first.TransmitQueues[0].Count == 1, "the third one still waits");
        Check.Equal(2ul, first.Statistics.Total.SendDropped);
        Check.Equal("1 2", $"{receiver.Numbers[0]} {receiver.Numbers[1]}");
        Check.Equal(Errno.Ok, second.SetUp(false));
        Check.Equal(Errno.Ok, first.SetUp(false));
        Check.Equal(4, pool.FreeCount);
        Check.Equal(0L, pool.WrongReleases);
    }

    /// <summary>A handler that holds the frame that it was given cannot send it while others look at it; once it is the only owner it can.</summary>
    [KernelTest("module.network_handler_sends_a_frame_on_when_it_is_its_own")]
    public static void AHandlerSendsOn()
    {
        using Bench bench = Bench.Open("test-net-sends-on");
        NetworkDevice from = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "fwd%d" }, new ScriptedDriver());
        NetworkDevice to = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "fwd%d" }, new ScriptedDriver());
        PacketPool pool = bench.Context.CreatePacketPool(2);
        var hasty = new Hasty(from, to);
        var after = new Recorder(EtherType.Experiment, from, 4);
        bench.Context.AddPacketHandler(hasty);
        bench.Context.AddPacketHandler(after);
        Check.Equal(Errno.Ok, from.SetUp(true));
        Check.Equal(Errno.Ok, to.SetUp(true));
        from.QueueReceived(Bench.Frame(pool, from, from.Address, 5));
        Bench.Await(() => after.Seen == 1, "the frame comes");
        Check.Equal(Errno.EBUSY, hasty.Error);
        Check.Equal(PacketKind.ToThisHost, after.LastKind, "the handler behind it sees what was received");
        PacketBuffer kept = hasty.Kept!;
        Bench.Await(() => !kept.IsShared, "it is the only owner");
        Check.Equal(Errno.Ok, to.Transmit(kept));
        Check.Equal(1, to.TransmitQueues[0].Count);
        Check.Equal(Errno.Ok, to.SetUp(false));
        Check.Equal(Errno.Ok, from.SetUp(false));
        Check.Equal(2, pool.FreeCount);
        Check.Equal(0L, pool.WrongReleases);
    }

    private static void Run(NetworkDevice device, ScriptedDriver driver, int frames)
    {
        driver.SetRoom(frames);
        device.TransmitQueues[0].Wake();
        Bench.Await(() => driver.Taken == frames && device.TransmitQueues[0].Count == 0, $"{device.Name} sends {frames}");
    }

    // Never has room; before it says so, another owner hands the frame in elsewhere. That device's poll runs on this CPU, so not before the queue is unlocked: the frame is on its way there when the queue wants it back.
    private sealed class Thief : NetworkDriver
    {
        [Atomic]
        private volatile bool _steals;

        [Protocol("Set before the first frame.")]
        public NetworkDevice? Other { get; set; }

        public bool Steals
        {
            get => _steals;
            set => _steals = value;
        }

        [NoAllocation]
        public override bool Transmit(PacketBuffer packet, TransmitQueue queue)
        {
            if (Steals)
            {
                packet.Hold();
                Other!.QueueReceived(packet);
            }

            return false;
        }
    }

    private sealed class Hasty(NetworkDevice from, NetworkDevice to) : PacketHandler(EtherType.Experiment, from)
    {
        [Protocol("Written in the one call; read when a later handler has been called.")]
        public Errno Error { get; private set; }

        [Protocol("Written in the one call, as Error; read when a later handler has been called.")]
        public PacketBuffer? Kept { get; private set; }

        [NoAllocation]
        public override void Receive(PacketBuffer packet)
        {
            packet.Hold();
            Error = to.Transmit(packet);
            packet.Hold();
            Kept = packet;
        }
    }
}
