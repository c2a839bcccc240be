using System;
using System.Collections.Generic;
using CosmosKernel.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Tests.Locks;

/// <summary>
/// Priority inversion as on Mars Pathfinder in 1997: the meteorological task (low) holds the information bus, the bus task (high) wants it, and the communications task
/// (middle), which does not use the bus, keeps the low one off the CPU; the watchdog then reset the computer.
/// </summary>
public static class InversionTests
{
    private const int High = 20;
    private const int Middle = 50;
    private const int Low = 80;

    /// <summary>Without inheritance the high task provably waits for the middle one.</summary>
    [KernelTest("lock.pathfinder_without_inheritance_the_high_task_waits_for_the_middle_one")]
    public static void WithoutInheritance()
    {
        Mutex bus = new("bus");
        Check.SequenceEqual(
            ["low takes the bus", "high wants the bus", "middle begins", "middle ends", "low gives the bus", "high has the bus"],
            Fly(body =>
            {
                using (bus.Enter())
                {
                    body();
                }
            }));
    }

    /// <summary>With inheritance it waits for nothing but the low task's use of the bus.</summary>
    [KernelTest("lock.pathfinder_with_inheritance_the_high_task_waits_for_the_low_one_only")]
    public static void WithInheritance()
    {
        RtMutex bus = new("bus");
        Check.SequenceEqual(
            ["low takes the bus", "high wants the bus", "low gives the bus", "high has the bus", "middle begins", "middle ends"],
            Fly(body =>
            {
                using (bus.Enter())
                {
                    body();
                }
            }));
    }

    /// <summary>Along a chain of four rt-mutexes the first holder runs before a middle task, too.</summary>
    [KernelTest("lock.inheritance_runs_along_a_chain")]
    public static void AlongAChain() => Stage.OnOneCpu(() =>
    {
        const int length = 4;
        RtMutex[] chain = new RtMutex[length];
        TaskStruct[] holders = new TaskStruct[length];
        Notes events = new();
        Completion go = new("go");
        for (int i = 0; i < length; i++)
        {
            int me = i;
            chain[i] = new RtMutex($"link {i}");
            holders[i] = Stage.Start($"holder {i}", Low, () =>
            {
                using (chain[me].Enter())
                {
                    if (me == 0)
                    {
                        go.Wait();
                        events.Add("the end of the chain runs");
                        return;
                    }

                    using (chain[me - 1].Enter())
                    {
                        events.Add($"holder {me} has link {me - 1}");
                    }
                }
            });
            Stage.UntilAsleep(holders[i], i == 0 ? "go" : $"link {i - 1}");
        }

        TaskStruct high = Stage.Start("high", High, () =>
        {
            using (chain[length - 1].Enter())
            {
                events.Add("high has the last link");
            }
        });
        Stage.UntilAsleep(high, $"link {length - 1}");
        foreach (TaskStruct holder in holders)
        {
            Check.Equal(High, holder.Priority);
        }

        TaskStruct middle = Stage.Start("middle", Middle, () => events.Add("middle runs"));
        go.CompleteAll();
        Stage.Join([.. holders, high, middle]);
        Check.SequenceEqual(
            ["the end of the chain runs", "holder 1 has link 0", "holder 2 has link 1", "holder 3 has link 2", "high has the last link", "middle runs"],
            events.ToArray());
        foreach (TaskStruct holder in holders)
        {
            Check.Equal(Low, holder.Priority);
        }
    });

    // The three tasks on one CPU. Each next one is started by the low task at the exact point where it must come.
    private static ReadOnlySpan<string> Fly(Action<Action> useBus)
    {
        Notes events = new();
        Stage.OnOneCpu(() =>
        {
            List<TaskStruct> others = [];
            TaskStruct low = Stage.Start("low", Low, () => useBus(() =>
            {
                events.Add("low takes the bus");

                // More urgent: it runs at once, until it waits.
                others.Add(Stage.Start("high", High, () =>
                {
                    events.Add("high wants the bus");
                    useBus(() => events.Add("high has the bus"));
                }));

                // More urgent than the low task, unless that one has inherited.
                others.Add(Stage.Start("middle", Middle, () =>
                {
                    events.Add("middle begins");
                    events.Add("middle ends");
                }));
                events.Add("low gives the bus");
            }));
            Stage.Join([low]);
            Stage.Join(others);
        });
        return events.ToArray();
    }
}
