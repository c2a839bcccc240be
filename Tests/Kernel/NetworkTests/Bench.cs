using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.NetworkTests;

/// <summary>What a test of the network needs: a module of its own that is stopped at the end, and frames.</summary>
internal sealed class Bench : IDisposable
{
    public const int Patience = 20;
    private const ulong Second = 1_000_000_000;

    private readonly Script _script = new();

    private Bench(string name)
    {
        Entry = new ModuleEntry(_script, new ModuleAttribute(name), [], []);
        ModuleRegistry.Add(Entry);
        Check.True(ModuleRegistry.Start(Entry), Entry.Failure ?? "");
    }

    public ModuleEntry Entry { get; }

    public ModuleContext Context => _script.Context!;

    public static Bench Open(string name) => new(name);

    /// <summary>Finds the two ends of the first pair, both up.</summary>
    public static (NetworkDevice First, NetworkDevice Second) OpenPair()
    {
        NetworkDevice first = NetworkDevices.Find("veth0") ?? throw new TestSkippedException("there is no module 'veth' in this image");
        NetworkDevice second = NetworkDevices.Find("veth1")!;
        Check.Equal(Errno.Ok, first.SetUp(true));
        Check.Equal(Errno.Ok, second.SetUp(true));
        Check.True(first.HasCarrier && second.HasCarrier, "both ends have a carrier");
        return (first, second);
    }

    /// <summary>Makes a frame from one device to another: header, a number, filling.</summary>
    public static PacketBuffer Frame(PacketPool pool, NetworkDevice from, ReadOnlySpan<byte> to, int number, int bytes = 60)
    {
        PacketBuffer packet = pool.TryTake() ?? throw new CheckFailedException("the pool is empty");
        Check.True(packet.TryAppend(to) && packet.TryAppend(from.Address));
        Check.True(packet.TryAppend(bytes - 12, out Span<byte> rest));
        BinaryPrimitives.WriteUInt16BigEndian(rest, EtherType.Experiment);
        BinaryPrimitives.WriteInt32LittleEndian(rest[2..], number);
        for (int i = 6; i < rest.Length; i++)
        {
            rest[i] = (byte)(number + i);
        }

        return packet;
    }

    /// <summary>Waits until something is so; fails after a while.</summary>
    [MightSleep]
    public static void Await(Func<bool> condition, string what)
    {
        ulong end = Clock.MonotonicNanoseconds + (Patience * Second);
        while (!condition())
        {
            Check.True(Clock.MonotonicNanoseconds < end, $"in {Patience} s: {what}");
            KernelTask.Sleep(500_000);
        }
    }

    public void Dispose()
    {
        if (Entry.IsRunning)
        {
            ModuleRegistry.Stop(Entry);
        }

        ModuleRegistry.Remove(Entry);
    }

    private sealed class Script : KernelModule
    {
        [Protocol("Set at the start.")]
        public ModuleContext? Context { get; private set; }

        [BeforePublication]
        public override void Start(ModuleContext context) => Context = context;
    }
}

/// <summary>Notes what it is given: how many, their numbers in order, and whether their contents are right. One device's frames come from one CPU at a time.</summary>
internal sealed class Recorder(ushort etherType, NetworkDevice? device, int room, bool seesOutgoing = false) : PacketHandler(etherType, device)
{
    [Protocol("Written by the device's poll, of which one runs at a time; read once Seen says so.")]
    private readonly int[] _numbers = new int[room];

    [Atomic]
    private int _seen;

    [Atomic]
    private int _wrong;

    [Atomic]
    private int _outgoing;

    [Atomic]
    private PacketBuffer? _kept;

    [Atomic]
    private int _keeps;

    public override bool SeesOutgoing => seesOutgoing;

    public int Seen => Volatile.Read(ref _seen);

    public int Wrong => Volatile.Read(ref _wrong);

    public int Outgoing => Volatile.Read(ref _outgoing);

    public PacketBuffer? Kept => Volatile.Read(ref _kept);

    [Protocol("As the numbers.")]
    public PacketKind LastKind { get; private set; }

    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, Math.Min(Seen, _numbers.Length));

    /// <summary>It keeps the next frame.</summary>
    public void KeepNext() => Volatile.Write(ref _keeps, 1);

    [NoAllocation]
    public override void Receive(PacketBuffer packet)
    {
        if (packet.Kind == PacketKind.Outgoing)
        {
            Interlocked.Increment(ref _outgoing);
            return;
        }

        ReadOnlySpan<byte> bytes = packet.Bytes;
        int number = bytes.Length >= 18 ? BinaryPrimitives.ReadInt32LittleEndian(bytes[14..]) : -1;
        bool isRight = bytes.Length >= 18;
        for (int i = 18; i < bytes.Length; i++)
        {
            isRight &= bytes[i] == (byte)(number + i - 12);
        }

        if (!isRight)
        {
            Interlocked.Increment(ref _wrong);
        }

        LastKind = packet.Kind;
        int at = Seen;
        if (at < _numbers.Length)
        {
            _numbers[at] = number;
        }

        if (Interlocked.Exchange(ref _keeps, 0) != 0)
        {
            packet.Hold();
            Volatile.Write(ref _kept, packet);
        }

        Interlocked.Increment(ref _seen);
    }
}

/// <summary>A device that takes as many frames as it is told, and keeps them until it is told to release them.</summary>
internal sealed class ScriptedDriver : NetworkDriver
{
    [Atomic]
    private int _room;

    [Atomic]
    private int _taken;

    [Protocol("Of the queue's lock: one call at a time.")]
    private readonly PacketBuffer?[] _packets = new PacketBuffer?[4096];

    [Protocol("Of the test's task, which also calls what is called in task context.")]
    public Errno OpenResult { get; set; }

    [Protocol("As OpenResult.")]
    public bool Throws { get; set; }

    [Protocol("As OpenResult.")]
    public bool Sleeps { get; set; }

    [Protocol("As OpenResult.")]
    public List<string> Calls { get; } = [];

    public int Taken => Volatile.Read(ref _taken);

    public void SetRoom(int room) => Volatile.Write(ref _room, room);

    public int NumberOf(int index) => BinaryPrimitives.ReadInt32LittleEndian(_packets[index]!.Bytes[14..]);

    [MightSleep]
    public override Errno Open(NetworkDevice device)
    {
        Calls.Add("open");
        if (Sleeps)
        {
            KernelTask.Sleep(60_000_000_000);
        }

        return Throws ? throw new InvalidOperationException("open failed on purpose") : OpenResult;
    }

    [MightSleep]
    public override void Stop(NetworkDevice device)
    {
        Calls.Add("stop");
        for (int i = 0; i < Taken; i++)
        {
            _packets[i]?.Release();
        }
    }

    [MightSleep]
    public override Errno ChangeMtu(NetworkDevice device, int mtu)
    {
        Calls.Add($"mtu {mtu}");
        return mtu == 1111 ? Errno.EBUSY : Errno.Ok;
    }

    [NoAllocation]
    public override bool Transmit(PacketBuffer packet, TransmitQueue queue)
    {
        int at = Taken;
        if (at >= Volatile.Read(ref _room) || at >= _packets.Length)
        {
            return false;
        }

        _packets[at] = packet;
        Volatile.Write(ref _taken, at + 1);
        return true;
    }
}
