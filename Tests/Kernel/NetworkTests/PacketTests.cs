using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.NetworkTests;

/// <summary>Frames on their way: through a pair of devices, through lo, to handlers and taps.</summary>
public static class PacketTests
{
    /// <summary>A buffer grows at both ends as far as it has room, and says where it has none.</summary>
    [KernelTest("module.network_packet_keeps_its_bounds")]
    public static void APacketKeepsItsBounds()
    {
        using Bench bench = Bench.Open("test-net-packet");
        PacketPool pool = bench.Context.CreatePacketPool(2, 256);
        PacketBuffer packet = pool.TryTake()!;
        Check.Equal(64, packet.Headroom);
        Check.Equal(192, packet.Tailroom);
        Check.True(packet.TryAppend([1, 2, 3, 4]));
        Check.True(packet.TryPrepend(2, out Span<byte> front));
        front.Fill(9);
        Check.SequenceEqual<byte>([9, 9, 1, 2, 3, 4], packet.Bytes.ToArray());
        Check.False(packet.TryPrepend(63, out _));
        Check.False(packet.TryAppend(189, out _));
        Check.False(packet.TryAppend(-1, out _));
        Check.True(packet.TryAppend(188, out _));
        Check.False(packet.TryRemoveFront(195));
        Check.True(packet.TryRemoveFront(3));
        Check.Equal((byte)2, packet.Bytes[0]);
        Check.False(packet.TrySetLength(192));
        Check.True(packet.TrySetLength(2));
        Check.SequenceEqual<byte>([2, 3], packet.Bytes.ToArray());
        PacketBuffer other = pool.TryTake()!;
        Check.True(pool.TryTake() is null, "there are two");
        Check.True(other.PhysicalAddress != packet.PhysicalAddress);
        Check.Equal(1L, pool.Shortages);
        packet.Hold();
        Check.True(packet.IsShared);
        packet.Release();
        Check.Equal(0, pool.FreeCount);
        packet.Release();
        Check.Equal(1, pool.FreeCount);
        packet.Release();
        Check.Equal(1, pool.FreeCount, "one release too many does nothing");
        Check.Equal(1L, pool.WrongReleases);
        other.Release();
    }

    /// <summary>A pool's memory stays until the last buffer is released, also when its module is gone.</summary>
    [KernelTest("module.network_pool_outlives_its_module_for_its_last_packet")]
    public static void APoolOutlivesItsModule()
    {
        ulong used = DmaMemory.Frames - DmaMemory.IdleFrames;
        PacketBuffer packet;
        PacketPool pool;
        using (Bench bench = Bench.Open("test-net-pool"))
        {
            pool = bench.Context.CreatePacketPool(40);
            packet = pool.TryTake()!;
            Check.True(packet.TryAppend([7]));
        }

        Check.True(pool.TryTake() is null, "it gives none any more");
        Check.True(DmaMemory.Frames - DmaMemory.IdleFrames > used, "the memory is there");
        Check.Equal((byte)7, packet.Bytes[0]);
        packet.Release();
        Check.Equal(used, DmaMemory.Frames - DmaMemory.IdleFrames);
    }

    /// <summary>What one end of a pair sends the other receives, in order and whole; taps see it on both sides, handlers of other protocols do not.</summary>
    [KernelTest("module.network_pair_carries_frames_in_order")]
    public static void APairCarriesFrames()
    {
        const int Frames = 200;
        using Bench bench = Bench.Open("test-net-pair");
        (NetworkDevice first, NetworkDevice second) = Bench.OpenPair();
        PacketPool pool = bench.Context.CreatePacketPool(Frames);
        var receiver = new Recorder(EtherType.Experiment, second, Frames);
        var tap = new Recorder(EtherType.All, first, Frames, seesOutgoing: true);
        var other = new Recorder(EtherType.AddressResolution, null, 1);
        bench.Context.AddPacketHandler(receiver);
        bench.Context.AddPacketHandler(tap);
        bench.Context.AddPacketHandler(other);
        Check.Throws<InvalidOperationException>(() => bench.Context.AddPacketHandler(other));
        NetworkCounters before = second.Statistics.Total;
        for (int i = 0; i < Frames; i++)
        {
            Check.Equal(Errno.Ok, first.Transmit(Bench.Frame(pool, first, second.Address, i, 60 + i)));
        }

        Bench.Await(() => receiver.Seen == Frames, $"{receiver.Seen} of {Frames} frames came");
        for (int i = 0; i < Frames; i++)
        {
            Check.Equal(i, receiver.Numbers[i]);
        }

        Check.Equal(0, receiver.Wrong);
        Check.Equal(PacketKind.ToThisHost, receiver.LastKind);
        Check.Equal(Frames, tap.Outgoing);
        Check.Equal(0, other.Seen);
        NetworkCounters after = second.Statistics.Total;
        Check.Equal((ulong)Frames, after.ReceivedPackets - before.ReceivedPackets);
        Check.Equal((ulong)(Frames * 60) + (Frames * (Frames - 1) / 2), after.ReceivedBytes - before.ReceivedBytes);

        // For everybody, for a group, for somebody else; and what nobody wants.
        (byte[] To, PacketKind Kind)[] kinds =
            [([255, 255, 255, 255, 255, 255], PacketKind.Broadcast), ([1, 0, 94, 0, 0, 1], PacketKind.Multicast), ([2, 9, 9, 9, 9, 9], PacketKind.ToOther)];
        foreach ((byte[] to, PacketKind kind) in kinds)
        {
            int seen = receiver.Seen;
            Check.Equal(Errno.Ok, first.Transmit(Bench.Frame(pool, first, to, 1)));
            Bench.Await(() => receiver.Seen == seen + 1, "the frame comes");
            Check.Equal(kind, receiver.LastKind);
        }

        ulong dropped = second.Statistics.Total.ReceiveDropped;
        PacketBuffer unknown = Bench.Frame(pool, first, second.Address, 1);
        unknown.Bytes[12] = 0x99;
        Check.Equal(Errno.Ok, first.Transmit(unknown));
        Bench.Await(() => second.Statistics.Total.ReceiveDropped == dropped + 1, "a frame that nobody wants counts as dropped");
        Check.Equal(Errno.Ok, first.SetUp(false));
        Bench.Await(() => !second.HasCarrier, "the carrier goes with the other end");
        Check.Equal("down", second.OperationalState);
        Check.Equal(Errno.ENETDOWN, second.Transmit(Bench.Frame(pool, second, first.Address, 1)));
        Check.Equal(Errno.Ok, second.SetUp(false));
        Bench.Await(() => pool.FreeCount == Frames, "all buffers are back");
        Check.Equal(0L, pool.WrongReleases);
    }

    /// <summary>lo gives back what is sent, of any size that it allows; a handler that answers in its call does not hang; who holds a frame keeps it.</summary>
    [KernelTest("module.network_loopback_returns_what_is_sent")]
    public static void LoopbackReturns()
    {
        NetworkDevice lo = NetworkDevices.Find("lo") ?? throw new TestSkippedException("there is no module 'loopback' in this image");
        using Bench bench = Bench.Open("test-net-lo");
        bool wasUp = lo.IsUp;
        Check.Equal(Errno.Ok, lo.SetUp(true));
        Check.Equal(InterfaceFlags.Up | InterfaceFlags.Loopback | InterfaceFlags.Running | InterfaceFlags.LowerUp, lo.Flags);
        PacketPool pool = bench.Context.CreatePacketPool(4, PacketPool.LargestBytes);
        var receiver = new Recorder(EtherType.Experiment, lo, 16);
        var answers = new Echo(pool, lo);
        bench.Context.AddPacketHandler(receiver);
        IDisposable echo = bench.Context.AddPacketHandler(answers);
        receiver.KeepNext();
        Check.Equal(Errno.Ok, lo.Transmit(Bench.Frame(pool, lo, lo.Address, 3, 60_000)));
        Bench.Await(() => receiver.Seen == 1 && answers.Count == 1 && receiver.Kept is not null, "the frame comes back");
        Check.Equal(0, receiver.Wrong);
        Bench.Await(() => answers.Answered, "the answer was sent");
        PacketBuffer kept = receiver.Kept!;
        Check.Equal(PacketChecksum.Verified, kept.Checksum);
        Check.Equal(60_000, kept.Length);
        Check.Equal(3, pool.FreeCount, "the one that is held is not free");
        kept.Release();
        Check.Equal(4, pool.FreeCount);
        bench.Context.Release(echo);
        Check.Equal(Errno.Ok, lo.SetUp(wasUp));
    }

    /// <summary>More frames than a poll may take are taken in several, and none is lost or turned round.</summary>
    [KernelTest("module.network_polls_have_a_budget")]
    public static void PollsHaveABudget()
    {
        const int Frames = 500;
        using Bench bench = Bench.Open("test-net-budget");
        NetworkDevice device = bench.Context.AddNetworkDevice(new NetworkDeviceOptions { Name = "bud%d" }, new ScriptedDriver());
        PacketPool pool = bench.Context.CreatePacketPool(Frames);
        var receiver = new Recorder(EtherType.Experiment, device, Frames);
        bench.Context.AddPacketHandler(receiver);
        Check.Equal(Errno.Ok, device.SetUp(true));
        var poll = new Source(device, Frames, budget: 50);
        for (int i = 0; i < Frames; i++)
        {
            poll.Prepare(i, Bench.Frame(pool, device, device.Address, i));
        }

        poll.Schedule();
        Bench.Await(() => receiver.Seen == Frames, "all frames come");
        Bench.Await(() => poll.Polls == (Frames / 50) + 1, $"{poll.Polls} polls");
        Check.Equal((long)Frames / 50, poll.Exhausted);
        for (int i = 0; i < Frames; i++)
        {
            Check.Equal(i, receiver.Numbers[i]);
        }

        poll.CancelAndWait();
        Check.Equal(Frames, pool.FreeCount);
        Check.Equal(Errno.Ok, device.SetUp(false));
    }

    /// <summary>All CPUs send through a pair at once, handlers come and go and the devices go down and up: every frame is received or counted as dropped, each buffer comes back, and no handler is called that was taken away.</summary>
    [KernelTest("module.network_torture_of_a_pair")]
    public static void Torture()
    {
        const int Each = 3000;
        using Bench bench = Bench.Open("test-net-torture");
        (NetworkDevice first, NetworkDevice second) = Bench.OpenPair();
        PacketPool pool = bench.Context.CreatePacketPool(512);
        var receiver = new Recorder(EtherType.Experiment, second, 0);
        bench.Context.AddPacketHandler(receiver);
        NetworkCounters sentBefore = first.Statistics.Total;
        NetworkCounters receivedBefore = second.Statistics.Total;
        int running = Math.Max(Cpu.Count, 2);
        long refused = 0;
        byte[] to = second.Address.ToArray();
        var senders = new TaskStruct[running];
        for (int i = 0; i < senders.Length; i++)
        {
            senders[i] = bench.Context.StartTask($"sender {i}", () =>
            {
                for (int n = 0; n < Each;)
                {
                    if (pool.FreeCount > 64)
                    {
                        if (first.Transmit(Bench.Frame(pool, first, to, n)) != Errno.Ok)
                        {
                            Interlocked.Increment(ref refused);
                        }

                        n++;
                    }
                    else
                    {
                        KernelTask.Yield();
                    }
                }

                Interlocked.Decrement(ref running);
            });
        }

        for (int round = 0; Volatile.Read(ref running) > 0; round++)
        {
            var passing = new Recorder(EtherType.All, null, 0, seesOutgoing: true);
            IDisposable registration = bench.Context.AddPacketHandler(passing);
            KernelTask.Sleep(1_000_000);
            bench.Context.Release(registration);
            long count = passing.Count;
            if (round % 4 == 0)
            {
                Check.Equal(Errno.Ok, second.SetUp(false));
                Check.Equal(Errno.Ok, second.SetUp(true));
            }

            Check.Equal(count, passing.Count, "a handler that was taken away is not called");
        }

        Array.ForEach(senders, sender => sender.Join());
        Bench.Await(() => pool.FreeCount == pool.Count, $"{pool.FreeCount} of {pool.Count} buffers are back");
        Check.Equal(0L, pool.WrongReleases);
        Check.Equal(0, receiver.Wrong);
        NetworkCounters sent = first.Statistics.Total;
        NetworkCounters received = second.Statistics.Total;
        Check.Equal((ulong)(senders.Length * Each) - (ulong)refused, sent.SentPackets - sentBefore.SentPackets, "frames that were sent");
        Check.Equal((ulong)receiver.Seen, received.ReceivedPackets - receivedBefore.ReceivedPackets, "frames that were received");
        Check.True(receiver.Seen > 0 && (ulong)receiver.Seen <= sent.SentPackets - sentBefore.SentPackets);
        Check.Equal(Errno.Ok, first.SetUp(false));
        Check.Equal(Errno.Ok, second.SetUp(false));
    }

    private sealed class Echo(PacketPool pool, NetworkDevice device) : PacketHandler(EtherType.Experiment, device)
    {
        [Atomic]
        private int _answered;

        public bool Answered => Volatile.Read(ref _answered) != 0;

        [NoAllocation]
        public override void Receive(PacketBuffer packet)
        {
            // A frame too short for Ethernet comes back as an error of the sender; this one has no protocol that anybody wants.
            if (pool.TryTake() is { } answer)
            {
                answer.TryAppend(packet.Bytes[..12]);
                if (answer.TryAppend(4, out Span<byte> rest))
                {
                    rest.Clear();
                    rest[0] = 0x99;
                }

                Device!.Transmit(answer);
            }

            Volatile.Write(ref _answered, 1);
        }
    }

    // A device's frames, which lie there already.
    private sealed class Source(NetworkDevice device, int count, int budget) : ReceivePoll(budget)
    {
        [Protocol("Filled before it is scheduled; then of the poll.")]
        private readonly PacketBuffer?[] _frames = new PacketBuffer?[count];

        [Protocol("Of the poll.")]
        private int _next;

        public void Prepare(int index, PacketBuffer packet) => _frames[index] = packet;

        [NoAllocation]
        protected override int Poll(int allowed)
        {
            int done = 0;
            while (done < allowed && _next < _frames.Length)
            {
                device.Deliver(_frames[_next++]!);
                done++;
            }

            return done;
        }
    }
}
