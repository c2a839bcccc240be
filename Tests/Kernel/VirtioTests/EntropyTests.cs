using System;
using System.Threading;
using CosmosKernel.Drivers.VirtioRng;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.VirtioTests;

/// <summary>virtio-rng: <c>tools/boot --object rng-random,id=r,filename=/dev/urandom --device virtio-rng-pci,rng=r</c>.</summary>
public static class EntropyTests
{
    private const int Bytes = 4096;
    private const int Rounds = 25;
    private const ulong Millisecond = 1_000_000;
    private const ulong Patience = 60_000 * Millisecond;

    /// <summary>The host gives bytes, and they look random: each value comes, none too often.</summary>
    [KernelTest("driver.virtio_rng_reads_random_bytes")]
    public static void ReadsRandomBytes()
    {
        EntropyDevice device = Device();
        byte[] bytes = new byte[Bytes];
        ReadAll(device, bytes);
        int[] counts = new int[256];
        foreach (byte value in bytes)
        {
            counts[value]++;
        }

        // 16 of each are expected, with a standard deviation of 4.
        foreach (int count in counts)
        {
            Check.InRange(1, 48, count);
        }
    }

    /// <summary>The kernel's generator is fed as soon as the driver starts.</summary>
    [KernelTest("driver.virtio_rng_feeds_the_kernel")]
    public static void FeedsTheKernel()
    {
        _ = Device();
        ulong deadline = Machine.Time.Clock.MonotonicNanoseconds + 20_000_000_000;
        while (RandomSource.MixedBytes < 64 && Machine.Time.Clock.MonotonicNanoseconds < deadline)
        {
            KernelTask.Sleep(1_000_000);
        }

        Check.True(RandomSource.MixedBytes >= 64, $"{RandomSource.MixedBytes} bytes were mixed in");
        Check.True(RandomSource.IsSeeded);
    }

    /// <summary>The module stops and starts while tasks read: each read ends, with bytes or with none, and nothing is leaked.</summary>
    [KernelTest("driver.virtio_rng_stops_and_starts_under_load")]
    public static void StopsUnderLoad()
    {
        _ = Device();
        ModuleEntry entry = VirtioTestModule.Find("virtio_rng");
        var readers = new Reader[3];
        for (int i = 0; i < readers.Length; i++)
        {
            readers[i] = new Reader();
            readers[i].Start();
        }

        ulong frames = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ModuleRegistry.Stop(entry);
            Check.True(((VirtioRngModule)entry.Module).Driver!.First is null);
            Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
            Check.True(round == 0 || DmaMemory.Frames == frames, $"{DmaMemory.Frames} frames of DMA memory, {frames} before");
            frames = DmaMemory.Frames;
            ReadAll(Device(), new byte[64]);
        }

        foreach (Reader reader in readers)
        {
            reader.Stop();
            Check.True(reader.Bytes > 0, "a reader got bytes");
        }
    }

    private static EntropyDevice Device()
    {
        ModuleEntry entry = VirtioTestModule.Find("virtio_rng");
        return ((VirtioRngModule)entry.Module).Driver?.First ?? throw new TestSkippedException("there is no virtio-rng device");
    }

    private static void ReadAll(EntropyDevice device, Span<byte> to)
    {
        while (to.Length > 0)
        {
            int count = device.Read(to, WaitMode.Uninterruptible);
            Check.True(count > 0, "the device gave bytes");
            to = to[count..];
        }
    }

    private sealed class Reader
    {
        [Atomic]
        private volatile bool _stops;

        [Atomic]
        private long _bytes;

        [TaskPrivate]
        private TaskStruct? _task;

        public long Bytes => Volatile.Read(ref _bytes);

        public void Start() => _task = KernelTask.Start("reader", Run);

        // Not before it has read: the host may have kept its CPU from it for all the rounds.
        public void Stop()
        {
            ulong end = Clock.MonotonicNanoseconds + Patience;
            while (Bytes == 0 && Clock.MonotonicNanoseconds < end)
            {
                KernelTask.Sleep(Millisecond);
            }

            _stops = true;
            _task!.Join();
        }

        private void Run()
        {
            byte[] bytes = new byte[100];
            while (!_stops)
            {
                var module = (VirtioRngModule)VirtioTestModule.Find("virtio_rng").Module;
                int count = module.Driver?.First?.Read(bytes, WaitMode.Uninterruptible) ?? 0;
                Interlocked.Add(ref _bytes, count);
                if (count == 0)
                {
                    KernelTask.Yield();
                }
            }
        }
    }
}
