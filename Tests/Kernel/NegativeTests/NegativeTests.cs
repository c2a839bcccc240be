using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Power;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Negative;

/// <summary>Tests that go wrong on purpose, to prove that the boot harness sees each way. They run only when <c>test=</c> names them.</summary>
[Module("negative-tests", Description = "Tests that fail, panic and hang on purpose")]
public sealed class NegativeTests : KernelModule
{
    private const ulong Second = 1_000_000_000;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>A failed assertion.</summary>
    [KernelTest("negative.fail")]
    public static void Fails() => Check.Equal(4, 2 + 1);

    /// <summary>A panic.</summary>
    [KernelTest("negative.panic")]
    public static void Panics() => Panic.Now("A test asked for a panic"u8);

    /// <summary>A test that never ends.</summary>
    [KernelTest("negative.hang")]
    public static void Hangs()
    {
        while (true)
        {
            KernelTask.Yield();
        }
    }

    /// <summary>Recursion without end: the guard page below the stack ends it.</summary>
    [KernelTest("negative.stack-overflow")]
    public static void OverflowsTheStack() => Check.Equal(0, Recurse(1));

    /// <summary>A null reference where no exception may be thrown.</summary>
    [KernelTest("negative.null-in-interrupt")]
    public static void DereferencesNullInAnInterrupt()
    {
        var timer = new FaultyTimer();
        timer.Start(Clock.MonotonicNanoseconds + 1_000_000);
        KernelTask.Sleep(60 * Second);
        Check.Fail("the timer's interrupt did not panic");
    }

    /// <summary>A CPU that does not run its scheduler: preemption is off and stays off. With watchdog_thresh=1 softlockup_panic=1.</summary>
    [KernelTest("negative.soft-lockup")]
    public static void LocksUpSoftly()
    {
        using (Preemption.Disable())
        {
            SpinForALongTime();
        }

        Check.Fail("no watchdog has seen the soft lockup");
    }

    /// <summary>A CPU that takes no interrupts. Another one sees it. With watchdog_thresh=1 hardlockup_panic=1, on two CPUs.</summary>
    [KernelTest("negative.hard-lockup")]
    public static void LocksUpHard()
    {
        ulong flags = InterruptFlag.Disable();
        SpinForALongTime();
        InterruptFlag.Restore(flags);
        Check.Fail("no watchdog has seen the hard lockup");
    }

    /// <summary>A task that sleeps uninterruptibly for longer than the limit. With hung_task_timeout_secs=1.</summary>
    [KernelTest("negative.hung-task")]
    public static void HangsATask()
    {
        Semaphore never = new("never given", 0);
        TaskStruct hanger = KernelTask.Start(new TaskOptions { Name = "hanger", Detached = true }, () => { never.Wait(); });
        TaskStruct? detector = FindTask("khungtaskd");
        Check.True(detector is not null, "hung_task_timeout_secs=1 is on the boot line");
        ulong limit = Clock.MonotonicNanoseconds + (60 * Second);
        while (hanger.State != TaskState.Uninterruptible && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(Second / 100);
        }

        // Half a second passes between two of its looks: the fourth reports at the latest. When it sleeps after that, the report is written.
        long reported = detector.VoluntarySwitches + 8;
        while (detector.VoluntarySwitches < reported && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(Second / 10);
        }

        never.Release();
        Check.Fail("the hung task was reported, as it should; this failure ends the run");
    }

    /// <summary>A reset that nobody announced.</summary>
    [KernelTest("negative.triple-fault")]
    public static void TripleFaults()
    {
        MachinePower.TripleFault();
        Check.Fail("the processor went on after a triple fault");
    }

    /// <summary>An exception that nobody catches, in a task of its own: the task ends, the kernel lives.</summary>
    [KernelTest("negative.unhandled-exception")]
    public static void ThrowsInATaskOfItsOwn()
    {
        TaskStruct task = KernelTask.Start("thrower", () => throw new InvalidOperationException("thrown on purpose"));
        task.Join();
        Check.Fail("the kernel lived, as it should; this failure ends the run");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinForALongTime()
    {
        ulong end = Clock.MonotonicNanoseconds + (120 * Second);
        while (Clock.MonotonicNanoseconds < end)
        {
        }
    }

    private static TaskStruct? FindTask(string name)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (task.Name == name)
            {
                return task;
            }
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth)
    {
        Span<byte> local = stackalloc byte[256];
        local[depth & 255] = (byte)depth;
        return Recurse(depth + 1) + local[depth & 255];
    }

    private sealed class FaultyTimer : KernelTimer
    {
        private readonly FaultyTimer? _nothing = null;

        [Protocol("Only the handler touches it.")]
        private ulong _last;

        protected override void OnExpired(ulong now) => _nothing!._last = now + _last;
    }
}
