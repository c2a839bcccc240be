using CosmosKernel.Drivers.VirtioBalloon;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;

namespace CosmosKernel.VirtioTests;

/// <summary>virtio-balloon: <c>tools/boot --device virtio-balloon-pci --input FILE</c>, whose script asks for a size when the test says so.</summary>
public static class BalloonTests
{
    private const ulong Patience = 60_000_000_000;

    /// <summary>Stopping and starting the driver leaks no frame: each time that it is stopped as many are free or in the managed heap.</summary>
    [KernelTest("driver.virtio_balloon_stops_and_starts")]
    public static void StopsAndStarts()
    {
        // Stacks and page tables that are kept for the next task come and go; a leak of one frame a round is found.
        const int WarmUp = 5;
        const int Rounds = 25;
        const long Noise = 16;
        _ = Device();
        ModuleEntry entry = VirtioTestModule.Find("virtio_balloon");
        long first = 0;
        for (int round = 0; round < WarmUp + Rounds; round++)
        {
            ModuleRegistry.Stop(entry);
            Check.True(((VirtioBalloonModule)entry.Module).Driver!.First is null);
            ManagedHeap.Collect();
            HeapStatistics heap = HeapStatistics.Capture();
            long free = (long)FrameAllocator.FreeFrames + ((long)(heap.CommittedBytes + heap.MetadataBytes) / (long)Frame.Size);
            first = round <= WarmUp ? free : first;
            Check.True(free > first - Noise, $"{free} frames free or in the heap in round {round}, {first} in round {WarmUp}");
            Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
        }
    }

    /// <summary>With the option virtio_balloon.test the machine's owner inflates: frames leave the allocator, and come back when the driver stops.</summary>
    [KernelTest("driver.virtio_balloon_gives_memory_to_the_host_and_back")]
    public static void GivesMemory()
    {
        BalloonDevice device = Device();
        if (!KernelOptions.Has("virtio_balloon.test"))
        {
            throw new TestSkippedException("nobody asks for memory (virtio_balloon.test on the boot line, and a script that inflates)");
        }

        KernelLog.Info("balloon: inflate now");
        ulong deadline = Clock.MonotonicNanoseconds + Patience;
        nuint before = FrameAllocator.FreeFrames;
        while (device.Pages < 10_000 && Clock.MonotonicNanoseconds < deadline)
        {
            KernelTask.Sleep(10_000_000);
        }

        Check.True(device.Pages >= 10_000, $"{device.Pages} pages in the balloon");
        Check.True(FrameAllocator.FreeFrames + 8_000 < before, $"{FrameAllocator.FreeFrames} frames free, {before} before");
        ModuleEntry entry = VirtioTestModule.Find("virtio_balloon");
        ModuleRegistry.Stop(entry);
        Check.True(FrameAllocator.FreeFrames + 2_000 > before, $"{FrameAllocator.FreeFrames} frames free, {before} before");
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
    }

    private static BalloonDevice Device() =>
        ((VirtioBalloonModule)VirtioTestModule.Find("virtio_balloon").Module).Driver?.First ?? throw new TestSkippedException("there is no virtio-balloon device");
}
