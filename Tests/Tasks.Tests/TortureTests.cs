using System.Collections.Generic;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class TortureTests
{
    public static TheoryData<int> Seeds => [.. System.Linq.Enumerable.Range(1, 40)];

    // The machine itself checks at every switch: no task on two CPUs, no freed stack, no lock but the run queue's, interrupts off.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void EverythingAtOnceOnFourCpus(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        int stacks = machine.LiveStacks;
        int table = TaskTable.Count;
        Semaphore semaphore = new("torture", 1);
        Mutex mutex = new("torture mutex");
        List<TaskStruct> tasks = [];
        int ended = 0;
        Completion allStarted = new("start");
        for (int i = 0; i < 8; i++)
        {
            tasks.Add(KernelTask.Start(new TaskOptions { Name = $"t{i}", Priority = 118 + (i % 4) }, () =>
            {
                allStarted.Wait();
                for (int k = 0; k < 60; k++)
                {
                    switch (machine.Random.Next(9))
                    {
                        case 0:
                            KernelTask.Yield();
                            break;
                        case 1:
                            KernelTask.Sleep((ulong)machine.Random.Next(10_000));
                            break;
                        case 2:
                            semaphore.Wait(machine.Now + 50_000);
                            break;
                        case 3:
                            semaphore.Release();
                            break;
                        case 4:
                            tasks[machine.Random.Next(tasks.Count)].SetPriority(115 + machine.Random.Next(8));
                            break;
                        case 5:
                            tasks[machine.Random.Next(tasks.Count)].SetAffinity(CpuSet.Of(machine.Random.Next(4)) | CpuSet.Of(machine.Random.Next(4)));
                            break;
                        case 6:
                            tasks[machine.Random.Next(tasks.Count)].Interrupt();
                            break;
                        case 7:
                            using (mutex.Enter())
                            {
                                machine.Compute((ulong)machine.Random.Next(3000));
                            }

                            break;
                        default:
                            machine.Compute((ulong)machine.Random.Next(5_000_000));
                            break;
                    }
                }

                ended++;
            }));
        }

        allStarted.CompleteAll();
        foreach (TaskStruct task in tasks)
        {
            Assert.Equal(TaskExitReason.Exited, task.Join().Reason);
        }

        Assert.Equal(8, ended);
        Assert.Empty(machine.Faults);
        Assert.Equal(stacks, machine.LiveStacks);
        Assert.Equal(table, TaskTable.Count);
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            Assert.InRange(RunQueues.Get(cpu)!.Count, 0, 1);
        }
    }, switchOneIn: 2);
}
