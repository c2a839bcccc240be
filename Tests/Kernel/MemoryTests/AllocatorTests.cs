using System;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Memory;

/// <summary>The allocators under many tasks on all CPUs, which preempt each other at any instruction.</summary>
public static class AllocatorTests
{
    private const ulong Millisecond = 1_000_000;
    private const ulong TortureTime = 400 * Millisecond;

    // A handful of frames may go to the kernel's own tasks while the test runs: page tables, a grown table. A leak of one piece in a thousand is more than that.
    private const long OtherTasksFrames = 48;
    private const long OtherTasksAreas = 4;

    /// <summary>Runs of frames, allocated and freed everywhere at once, overlap nowhere and come back.</summary>
    [KernelTest("memory.frames_have_one_owner_and_come_back")]
    public static void Frames() => Torture(AllocatorKind.Frames);

    /// <summary>So do the objects of slabs.</summary>
    [KernelTest("memory.slab_objects_have_one_owner_and_come_back")]
    public static void Slabs() => Torture(AllocatorKind.Slabs);

    /// <summary>So do blocks of the native heap, which keep their contents when they are resized.</summary>
    [KernelTest("memory.heap_blocks_have_one_owner_and_come_back")]
    public static void Heap() => Torture(AllocatorKind.Heap);

    /// <summary>So do virtual areas; no CPU's TLB knows an old translation, and the page below each is unmapped.</summary>
    [KernelTest("memory.virtual_areas_have_one_owner_and_come_back")]
    public static void Areas() => Torture(AllocatorKind.Areas);

    /// <summary>Memory for devices with few address lines lies where they reach it.</summary>
    [KernelTest("memory.dma_zones_are_obeyed")]
    public static void ZonesAreObeyed()
    {
        for (int frames = 1; frames <= 64; frames *= 2)
        {
            Check.True(AllocatorExercise.TryZone(FrameZone.Below16MiB, frames, out ulong low), $"{frames} frames below 16 MiB");
            Check.True(low >= BootReservations.LowEnd && low + ((ulong)frames * Frame.Size) <= 1ul << 24, $"0x{low:x} is below 16 MiB");
            Check.Equal(0ul, low % ((ulong)frames * Frame.Size), "runs of a power of two are aligned to their size");
            Check.True(AllocatorExercise.TryZone(FrameZone.Below4GiB, frames, out ulong middle), $"{frames} frames below 4 GiB");
            Check.True(middle + ((ulong)frames * Frame.Size) <= 1ul << 32, $"0x{middle:x} is below 4 GiB");
        }

        Check.True(AllocatorExercise.TryZone(FrameZone.Normal, FrameAllocator.LongestRun, out _), "the longest run");
        Check.False(AllocatorExercise.TryZone(FrameZone.Normal, FrameAllocator.LongestRun + 1, out _));
        Check.False(AllocatorExercise.TryZone(FrameZone.Normal, 0, out _));
    }

    /// <summary>Every frame is memory that answers at one address only; on a machine with memory above 4 GiB that part is used first. At most 64 MiB are touched.</summary>
    [KernelTest("memory.frames_are_memory_up_to_the_highest_address")]
    public static void FramesAreMemory()
    {
        const int limit = 16 * 1024;
        int wanted = (int)Math.Min(limit, (ulong)FrameAllocator.FreeFrames / 2);
        (int taken, int wrong, ulong highest) = AllocatorExercise.TouchFrames(wanted);
        Check.Equal(wanted, taken);
        Check.Equal(0, wrong, "frames that did not hold what was written");
        Check.True(highest < FirmwareMemoryMap.HighestUsable, "no frame lies above the memory");
        if (FirmwareMemoryMap.HighestUsable > 1ul << 33)
        {
            Check.True(highest >= 1ul << 32, $"the highest frame is at 0x{highest:x}, though there is memory above 4 GiB");
        }
    }

    /// <summary>Tasks end where they ran, and their stacks come back.</summary>
    [KernelTest("memory.stacks_of_ended_tasks_come_back")]
    public static void StacksComeBack()
    {
        // The first round fills what is kept for good: page tables of the virtual areas, the table of pids.
        StartAndJoin(96);
        MemoryUse before = MemoryUse.Now();
        for (int round = 0; round < 4; round++)
        {
            StartAndJoin(96);
        }

        // One stack is 17 frames: 384 leaked ones would be 6528.
        MemoryUse.CheckNoLeak(before, OtherTasksFrames, OtherTasksAreas);
    }

    private static void StartAndJoin(int count) => TestTasks.Run(
        count,
        i => new TaskOptions { Name = "stack", StackBytes = i % 4 == 0 ? 128 * 1024 : TaskOptions.DefaultStackBytes },
        _ => KernelTask.Yield());

    private static void Torture(AllocatorKind kind)
    {
        Run(kind, 1, TortureTime / 8);
        MemoryUse before = MemoryUse.Now();
        (long steps, int errors, int failures) = Run(kind, 1000, TortureTime);
        Check.True(steps > 0, "there was time for a step");
        TestRunner.Figure($"memory.{kind.ToString().ToLowerInvariant()}_steps", steps, "steps");
        Check.Equal(0, errors, "pieces of memory with two owners");
        Check.True(failures * 4L <= steps, $"{failures} of {steps} requests found no memory");
        MemoryUse.CheckNoLeak(before, OtherTasksFrames, OtherTasksAreas);
    }

    // Three tasks a CPU, one of them more urgent and often asleep, so that it preempts the others wherever they are.
    private static (long Steps, int Errors, int Failures) Run(AllocatorKind kind, ulong seed, ulong time)
    {
        const int tasksPerCpu = 3;
        long steps = 0;
        int errors = 0;
        int failures = 0;
        int count = tasksPerCpu * Math.Min(RunQueues.Count, 8);
        ulong end = Clock.MonotonicNanoseconds + time;
        TestTasks.Run(
            count,
            i => new TaskOptions { Name = "allocator", Priority = TaskPriority.Default - (i % tasksPerCpu == 0 ? 5 : 0) },
            i =>
            {
                var exercise = new AllocatorExercise(kind, seed + (ulong)i);
                long mine = 0;
                do
                {
                    exercise.Step();
                    mine++;
                    if (i % tasksPerCpu == 0 && mine % 8 == 0)
                    {
                        KernelTask.Sleep(Millisecond);
                    }
                }
                while (Clock.MonotonicNanoseconds < end);

                exercise.ReleaseAll();
                Interlocked.Add(ref steps, mine);
                Interlocked.Add(ref errors, exercise.Errors);
                Interlocked.Add(ref failures, exercise.Failures);
            });
        return (steps, errors, failures);
    }
}
