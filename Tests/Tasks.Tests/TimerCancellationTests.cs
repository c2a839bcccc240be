using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class TimerCancellationTests
{
    [Theory]
    [MemberData(nameof(WaitingTests.Machines), MemberType = typeof(WaitingTests))]
    public void AfterCancelAndWaitATimerNeitherRunsNorIsPendingThoughItWasStartedOnOtherCpusAndByItself(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        SlowTimer timer = new(machine);
        TaskOptions elsewhere = new() { Name = "starter", Affinity = CpuSet.Of(cpus - 1) };
        for (int round = 0; round < 200; round++)
        {
            // It expires on the other CPU while this one starts it again, or takes it back at once.
            KernelTask.Start(elsewhere, () => timer.Start(machine.Now + 4000)).Join();
            machine.Compute((ulong)machine.Random.Next(6000));
            if (machine.Random.Next(2) == 0)
            {
                timer.Start(machine.Now + (ulong)machine.Random.Next(3000));
            }

            timer.CancelAndWait();
            Assert.Equal(0, timer.Running);
            Assert.False(timer.IsPending);
            int calls = timer.Calls;
            KernelTask.Sleep(20_000);
            Assert.Equal(calls, timer.Calls);
        }
    }, switchOneIn: 2);

    private sealed class SlowTimer(SimulatedMachine machine) : KernelTimer
    {
        public int Running { get; private set; }

        public int Calls { get; private set; }

        protected override void OnExpired(ulong now)
        {
            Running++;
            Calls++;
            for (int i = machine.Random.Next(40); i > 0; i--)
            {
                machine.Step();
            }

            if (machine.Random.Next(2) == 0)
            {
                Start(machine.Now + 2000);
            }

            Running--;
        }
    }
}
