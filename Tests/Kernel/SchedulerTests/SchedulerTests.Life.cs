using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Scheduling;

// How tasks begin and end.
public sealed partial class SchedulerTests
{
    /// <summary>Join gives the exit status and releases pid and stack.</summary>
    [KernelTest("thread.join_returns_the_status")]
    public static void JoinReturnsTheStatus()
    {
        for (int code = 0; code < 50; code++)
        {
            int mine = code;
            TaskStruct task = KernelTask.Start(new TaskOptions { Name = "status" }, () => mine);
            int pid = task.Pid;
            Check.Equal(new TaskExit(TaskExitReason.Exited, mine), task.Join());
            Check.Equal(TaskState.Dead, task.State);
            Check.True(TaskTable.Find(pid) is null);
        }
    }

    /// <summary>A join with a deadline gives up, and succeeds later.</summary>
    [KernelTest("thread.join_with_a_deadline_gives_up")]
    public static void JoinWithADeadlineGivesUp()
    {
        Completion mayEnd = new("may end");
        TaskStruct task = KernelTask.Start("slow", () => { mayEnd.Wait(); });
        bool hasEnded = task.TryJoin(Clock.MonotonicNanoseconds + Millisecond, out _);
        mayEnd.Complete();
        Check.False(hasEnded);
        Check.True(task.TryJoin(Scheduler.Never, out TaskExit exit));
        Check.Equal(0, exit.Code);
    }

    /// <summary>A kill ends a sleeper; a task that does not sleep ends at its next check.</summary>
    [KernelTest("thread.kill_ends_sleepers_and_those_who_check")]
    public static void KillEndsSleepersAndThoseWhoCheck()
    {
        TaskStruct sleeper = KernelTask.Start("sleeper", () => { KernelTask.SleepUntil(Scheduler.Never); });
        ulong limit = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
        while (sleeper.State != TaskState.Interruptible && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(Millisecond);
        }

        Check.Equal(TaskState.Interruptible, sleeper.State);
        Check.Equal("sleep", sleeper.WaitChannel);
        sleeper.Kill();
        Check.Equal(new TaskExit(TaskExitReason.Killed, TaskExit.KilledCode), sleeper.Join());

        TaskStruct checker = KernelTask.Start("checker", () =>
        {
            while (true)
            {
                KernelTask.Current.ThrowIfKilled();
                KernelTask.Yield();
            }
        });
        checker.Kill();
        Check.Equal(TaskExitReason.Killed, checker.Join().Reason);
    }

    /// <summary>3000 tasks come and go, some joined and some detached; no pid and no table entry is left.</summary>
    [KernelTest("thread.thousands_of_tasks_leave_nothing")]
    public static void ThousandsOfTasksLeaveNothing()
    {
        int ran = 0;
        List<TaskStruct> batch = [];
        for (int round = 0; round < 60; round++)
        {
            batch.Clear();
            for (int i = 0; i < 50; i++)
            {
                bool detached = i % 2 != 0;
                TaskStruct task = KernelTask.Start(
                    new TaskOptions { Name = "many", Detached = detached, StackBytes = 16 * 1024 }, () => { Interlocked.Increment(ref ran); });
                if (!detached)
                {
                    batch.Add(task);
                }
            }

            batch.ForEach(task => task.Join());
        }

        ulong limit = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
        while (Left() != 0 && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(Millisecond);
        }

        Check.Equal(3000, ran);
        Check.Equal(0, Left());

        // By name: threads of .NET's pool come and go meanwhile.
        static int Left()
        {
            int count = 0;
            for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
            {
                count += task.Name == "many" ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>A task's high-water mark grows with its use of the stack and stays below its size.</summary>
    [KernelTest("thread.stack_use_is_measured")]
    public static void StackUseIsMeasured()
    {
        TaskStruct task = KernelTask.Start("stack", () =>
        {
            int before = KernelTask.Current.StackUse.Used;
            Span<byte> big = stackalloc byte[20_000];
            big.Fill(1);
            (int used, int size) = KernelTask.Current.StackUse;
            Check.InRange(20_000, size, used);
            Check.True(used > before);
        });
        Check.Equal(TaskExitReason.Exited, task.Join().Reason);
    }

    /// <summary>Sleeps end at their time or shortly after, never before.</summary>
    [KernelTest("time.sleep_never_ends_early")]
    public static void SleepNeverEndsEarly()
    {
        foreach (ulong length in (ReadOnlySpan<ulong>)[1, 1_000, 50_000, 1_000_000, 20_000_000])
        {
            ulong start = Clock.MonotonicNanoseconds;
            Check.True(KernelTask.Sleep(length));
            Check.True(Clock.MonotonicNanoseconds - start >= length, $"slept {length} ns");
        }
    }
}
