using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.NetworkTests;

/// <summary>The virtio card: <c>tools/boot --device virtio-net-pci,netdev=n,mac=52:54:00:12:34:56 -- -netdev user,id=n</c>. QEMU's own network answers for 10.0.2.2.</summary>
public static class VirtioNetTests
{
    private const int Rounds = 20;

    [Immutable]
    private static readonly byte[] s_address = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

    /// <summary>The card tells its address and that its cable is there.</summary>
    [KernelTest("driver.virtio_net_tells_address_and_carrier")]
    public static void TellsItsAddress()
    {
        NetworkDevice card = Card();
        Check.SequenceEqual<byte>(s_address, card.Address.ToArray());
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.OperationalState == "up", card.OperationalState);
        Check.Equal(Errno.Ok, card.SetUp(false));
    }

    /// <summary>Who has 10.0.2.2? It answers, as often as it is asked, with interrupts and polls and without losing a buffer.</summary>
    [KernelTest("driver.virtio_net_gets_answers_to_arp")]
    public static void GetsAnswers()
    {
        const int Questions = 600;
        NetworkDevice card = Card();
        using Bench bench = Bench.Open("test-virtio-net");
        PacketPool pool = bench.Context.CreatePacketPool(32);
        var replies = new Replies(card);
        bench.Context.AddPacketHandler(replies);
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.HasCarrier, "the carrier is there");
        NetworkCounters before = card.Statistics.Total;

        // More than the card has buffers, so that all are used again.
        for (int i = 1; i <= Questions; i++)
        {
            Check.Equal(Errno.Ok, card.Transmit(Question(pool, card)));
            int wanted = i;
            Bench.Await(() => replies.Right >= wanted, $"answer {wanted}; {replies.Wrong} others");
        }

        NetworkCounters after = card.Statistics.Total;
        Check.Equal((ulong)Questions, after.SentPackets - before.SentPackets);
        Check.True(after.ReceivedPackets - before.ReceivedPackets >= Questions);
        Check.Equal(0ul, after.ReceiveErrors);
        Check.Equal(Errno.Ok, card.SetUp(false));
        Check.Equal(32, pool.FreeCount, "the card gave back what it was given");
    }

    /// <summary>The module stops and starts while tasks send: nothing is leaked, and the card works each time. While the card is up the stop is refused.</summary>
    [KernelTest("driver.virtio_net_stops_and_starts_under_load")]
    public static void StopsUnderLoad()
    {
        _ = Card();
        ModuleEntry entry = ModuleRegistry.Find("virtio_net")!;
        using Bench bench = Bench.Open("test-virtio-net-load");
        PacketPool pool = bench.Context.CreatePacketPool(64);
        bool ends = false;
        TaskStruct sender = bench.Context.StartTask("sender", () =>
        {
            while (!Volatile.Read(ref ends))
            {
                if (NetworkDevices.Find("eth0") is { } card && pool.FreeCount > 8)
                {
                    card.Transmit(Question(pool, card));
                }

                KernelTask.Yield();
            }
        });
        ulong used = 0;
        for (int round = 0; round < Rounds; round++)
        {
            NetworkDevice card = Card();
            Check.Equal(Errno.Ok, card.SetUp(true));
            Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
            KernelTask.Sleep(2_000_000);
            Check.Equal(Errno.Ok, card.SetUp(false));
            ModuleRegistry.Stop(entry);
            Check.True(NetworkDevices.Find("eth0") is null);
            ulong now = DmaMemory.Frames - DmaMemory.IdleFrames;
            Check.True(round == 0 || now == used, $"{now} frames of DMA memory are in use, {used} before");
            used = now;
            Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
        }

        Volatile.Write(ref ends, true);
        sender.Join();
        Bench.Await(() => pool.FreeCount == 64, "all buffers are back");
        Check.Equal(0L, pool.WrongReleases);
    }

    /// <summary>The card takes another address, and answers come to that.</summary>
    [KernelTest("driver.virtio_net_takes_another_address")]
    public static void TakesAnotherAddress()
    {
        NetworkDevice card = Card();
        using Bench bench = Bench.Open("test-virtio-net-address");
        PacketPool pool = bench.Context.CreatePacketPool(32);
        var replies = new Replies(card);
        bench.Context.AddPacketHandler(replies);
        Check.Equal(Errno.Ok, card.SetUp(true));
        Bench.Await(() => card.HasCarrier, "the carrier is there");
        Check.Equal(Errno.Ok, card.SetAddress([0x02, 1, 2, 3, 4, 5]));
        Check.Equal(Errno.Ok, card.Transmit(Question(pool, card)));
        Bench.Await(() => replies.Right == 1, "an answer to the new address");
        Check.Equal(Errno.Ok, card.SetAddress(s_address));
        Check.Equal(Errno.Ok, card.SetUp(false));
    }

    internal static NetworkDevice Card() => NetworkDevices.Find("eth0") ?? throw new TestSkippedException("the machine has no virtio network card");

    // RFC 826: Ethernet, IPv4, a request; 10.0.2.15 asks for 10.0.2.2.
    internal static PacketBuffer Question(PacketPool pool, NetworkDevice card)
    {
        PacketBuffer packet = pool.TryTake() ?? throw new CheckFailedException("the pool is empty");
        ReadOnlySpan<byte> address = card.Address;
        packet.TryAppend([255, 255, 255, 255, 255, 255]);
        packet.TryAppend(address);
        packet.TryAppend([0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1]);
        packet.TryAppend(address);
        packet.TryAppend([10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2]);
        Check.True(packet.TryAppend(18, out Span<byte> filling));
        filling.Clear();
        return packet;
    }

    private sealed class Replies(NetworkDevice card) : PacketHandler(EtherType.AddressResolution, card)
    {
        [Atomic]
        private int _right;

        [Atomic]
        private int _wrong;

        public int Right => Volatile.Read(ref _right);

        public int Wrong => Volatile.Read(ref _wrong);

        [NoAllocation]
        public override void Receive(PacketBuffer packet)
        {
            ReadOnlySpan<byte> bytes = packet.Bytes;
            bool isReply = bytes.Length >= 42 && packet.Kind == PacketKind.ToThisHost && BinaryPrimitives.ReadUInt16BigEndian(bytes[20..]) == 2
                && BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]) == 0x0A00_0202 && BinaryPrimitives.ReadUInt32BigEndian(bytes[38..]) == 0x0A00_020F;
            if (isReply)
            {
                Interlocked.Increment(ref _right);
            }
            else
            {
                Interlocked.Increment(ref _wrong);
            }
        }
    }
}
