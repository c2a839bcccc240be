using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tests.Scheduling;

// Very many tasks at once, and what they leave behind: nothing.
public sealed partial class SchedulerTests
{
    private const int Multitude = 100_000;
    private const ulong MultitudeMemory = 3ul << 30;
    private const int AimBytesPerTask = 24 * 1024;

    /// <summary>
    /// 100,000 tasks exist at once; each runs when it is started, once more when all exist, and ends. A task costs at most 24 KiB, its stack of 16 KiB included, and
    /// all of it comes back.
    /// </summary>
    [KernelTest("thread.a_hundred_thousand_live_tasks")]
    public static void AHundredThousandLiveTasks()
    {
        if (FrameAllocator.FreeFrames * Frame.Size < MultitudeMemory)
        {
            Check.Skip("needs a machine with 4 GiB of memory");
        }

        int tasksBefore = TestTasks.Count;
        long areasBefore = StackAreas();
        long framesBefore = UsedFrames();
        ulong start = Clock.MonotonicNanoseconds;
        MultitudeOfTasks multitude = new(Multitude);
        multitude.Start();

        // What tests before this one left behind may end meanwhile, so there may be fewer than that.
        Check.InRange(Multitude, tasksBefore + Multitude, TestTasks.Count);
        Figure("thread.create", start, Multitude);
        double bytes = (UsedFrames() - framesBefore) * (double)Frame.Size / Multitude;
        TestRunner.Figure("thread.memory_per_task", bytes, "bytes");
        Check.True(bytes <= AimBytesPerTask, $"a task costs {bytes:F0} bytes");

        start = Clock.MonotonicNanoseconds;
        ManagedHeap.Collect();
        TestRunner.Figure("thread.collection_with_100000_tasks", Clock.MonotonicNanoseconds - start, "ns");

        start = Clock.MonotonicNanoseconds;
        ulong requests = TlbShootdown.Requests;
        multitude.RunOnceMoreAndJoin();
        Figure("thread.run_again_and_join", start, Multitude);
        TestRunner.Figure("thread.shootdowns_for_100000_ends", TlbShootdown.Requests - requests, "requests");
        Check.Equal(Multitude, multitude.RanAgain);
        Check.InRange(0, tasksBefore, TestTasks.Count);
        Check.True(StackAreas() <= areasBefore, $"stacks: {areasBefore} before, {StackAreas()} after");
    }

    /// <summary>The ends of 10,000 tasks that live at once, whose stacks are far more than are kept, ask all CPUs to forget stacks once for each batch.</summary>
    [KernelTest("thread.the_stacks_of_ten_thousand_ended_tasks_come_back_in_batches")]
    public static void TheStacksOfTenThousandEndedTasksComeBackInBatches()
    {
        const int count = 10_000;
        const int stackPages = 4;
        if (FrameAllocator.FreeFrames * Frame.Size < 512ul << 20)
        {
            Check.Skip("needs a machine with 768 MiB of memory");
        }

        // Of what else unmaps meanwhile, large objects before all.
        const ulong others = 20;
        long areasBefore = StackAreas();
        MultitudeOfTasks multitude = new(count);
        multitude.Start();
        ulong before = TlbShootdown.Requests;
        multitude.RunOnceMoreAndJoin();
        ulong requests = TlbShootdown.Requests - before;
        TestRunner.Figure("thread.shootdowns_for_10000_ends", requests, "requests");
        Check.True(requests <= (count * stackPages / VirtualAreas.BatchPages) + others, $"{requests} shoot-downs, with {VirtualAreas.BatchPages} pages in a batch");
        Check.True(VirtualAreas.HeldFrames < VirtualAreas.BatchPages, $"{VirtualAreas.HeldFrames} frames are held");
        Check.True(StackAreas() <= areasBefore, $"stacks: {areasBefore} before, {StackAreas()} after");
    }

    /// <summary>Once its end is collected, nothing refers to a task: the collector takes it, and its stack, pid and table entry are gone before.</summary>
    [KernelTest("thread.nothing_refers_to_a_collected_task")]
    public static void NothingRefersToACollectedTask()
    {
        const int count = 500;

        // A word on a stack that looks like a pointer keeps an object: stacks are scanned conservatively. A reference that the kernel forgot would keep them all.
        const int mostKeptByStackWords = count / 20;
        int tasksBefore = TestTasks.Count;
        long areasBefore = StackAreas();
        WeakReference<TaskStruct>[] references = new WeakReference<TaskStruct>[count];
        int[] pids = new int[count];
        KernelTask.Start("maker", () => MakeAndJoin(references, pids)).Join();
        Check.InRange(0, tasksBefore, TestTasks.Count);
        Check.True(StackAreas() <= areasBefore, $"stacks: {areasBefore} before, {StackAreas()} after");
        ManagedHeap.Collect();
        int alive = 0;
        for (int i = 0; i < count; i++)
        {
            alive += references[i].TryGetTarget(out _) ? 1 : 0;
            Check.True(TaskTable.Find(pids[i]) is null);
        }

        Check.True(alive <= mostKeptByStackWords, $"{alive} of {count} collected tasks are still referred to");
    }

    private static void MakeAndJoin(WeakReference<TaskStruct>[] references, int[] pids)
    {
        Semaphore gate = new("gate", 0);
        for (int i = 0; i < references.Length; i++)
        {
            // Each kind of thing that can refer to a task: a wait list, a timer, a mutex, a child, a timed sleep that was ended early.
            bool timed = i % 2 == 0;
            TaskStruct task = KernelTask.Start(new TaskOptions { Name = "weak", StackBytes = 16 * 1024 }, () =>
            {
                gate.Wait(timed ? Clock.MonotonicNanoseconds + (1000_000 * Millisecond) : Tasks.Scheduling.Scheduler.Never);
                KernelTask.Start(new TaskOptions { Name = "child", StackBytes = 16 * 1024 }, () => { }).Join();
            });
            references[i] = new WeakReference<TaskStruct>(task);
            pids[i] = task.Pid;
        }

        for (int i = 0; i < references.Length; i++)
        {
            gate.Release();
        }

        foreach (int pid in pids)
        {
            TaskTable.Find(pid)?.Join();
        }
    }

    // Stacks that are mapped, when those that are only kept in stock have been given back.
    private static long StackAreas()
    {
        KernelStacks.Trim();
        return (long)VirtualAreas.UsedAreas;
    }

    private static long UsedFrames()
    {
        ManagedHeap.Collect();
        FrameAllocator.DrainCaches();
        return (long)(FrameAllocator.ManagedFrames - FrameAllocator.FreeFrames);
    }

    private sealed class MultitudeOfTasks(int count)
    {
        [TaskPrivate]
        private readonly TaskStruct[] _tasks = new TaskStruct[count];
        private readonly Semaphore _started = new("started", 0);
        private readonly Semaphore _gate = new("gate", 0);

        [Atomic]
        private int _ranAgain;

        public int RanAgain => Volatile.Read(ref _ranAgain);

        public void Start()
        {
            TaskOptions options = new() { Name = "one of many", StackBytes = 16 * 1024 };
            Action body = Live;
            for (int i = 0; i < _tasks.Length; i++)
            {
                _tasks[i] = KernelTask.Start(options, body);
            }

            for (int i = 0; i < _tasks.Length; i++)
            {
                _started.Wait();
            }
        }

        public void RunOnceMoreAndJoin()
        {
            for (int i = 0; i < _tasks.Length; i++)
            {
                _gate.Release();
            }

            for (int i = 0; i < _tasks.Length; i++)
            {
                _tasks[i].Join();
            }

            Array.Clear(_tasks);
        }

        private void Live()
        {
            _started.Release();
            _gate.Wait();
            Interlocked.Increment(ref _ranAgain);
        }
    }
}
