using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class DeferredTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void DeferredWorkRunsAfterTheInterruptWithInterruptsOn() => SimulatedMachine.Run(1, 1, machine =>
    {
        List<string> order = [];
        Call call = new(() => order.Add($"deferred, interrupts {(machine.Active.InterruptsOn ? "on" : "off")}, preemption {machine.Active.PreemptCount}"));
        Timer timer = new(() =>
        {
            call.Request();
            order.Add("interrupt ends");
        });
        timer.Start(machine.Now + Millisecond);
        machine.Compute(2 * Millisecond);
        Assert.Equal(["interrupt ends", "deferred, interrupts on, preemption 1"], order);
    });

    [Fact]
    public void DeferredWorkWaitsForTheEndOfASpinLock() => SimulatedMachine.Run(1, 2, machine =>
    {
        List<string> order = [];
        Call call = new(() => order.Add("deferred"));
        Timer timer = new(() => call.Request());
        timer.Start(machine.Now + Millisecond);
        Preemption.Begin();
        machine.Compute(2 * Millisecond);
        order.Add("lock ends");
        Preemption.End();
        order.Add("after");
        Assert.Equal(["lock ends", "deferred", "after"], order);
    });

    [Fact]
    public void UrgentDeferredWorkComesFirstAndTheRestInOrder() => SimulatedMachine.Run(1, 3, machine =>
    {
        List<string> order = [];
        Call a = new(() => order.Add("a"));
        Call b = new(() => order.Add("b"));
        Call urgent = new(() => order.Add("urgent"), DeferredUrgency.High);
        Timer timer = new(() =>
        {
            Assert.True(a.Request());
            Assert.False(a.Request());
            b.Request();
            urgent.Request();
        });
        timer.Start(machine.Now + Millisecond);
        machine.Compute(2 * Millisecond);
        Assert.Equal(["urgent", "a", "b"], order);
    });

    [Fact]
    public void AFloodIsLeftToATaskAndOthersGoOn() => SimulatedMachine.Run(1, 4, machine =>
    {
        DeferredWork.Start();
        int runs = 0;
        bool stop = false;
        Call? flood = null;
        flood = new Call(() =>
        {
            runs++;
            machine.Compute(100_000);
            if (!stop)
            {
                flood!.Request();
            }
        });
        flood.Request();

        // It would never come here if the flood were served in one go.
        ulong end = machine.Now + (100 * Millisecond);
        int rounds = 0;
        while (machine.Now < end)
        {
            machine.Compute(Millisecond);
            rounds++;
        }

        Assert.True(rounds > 20, $"{rounds} rounds");
        Assert.True(runs > 20, $"{runs} runs");
        Assert.True(DeferredWork.Statistics(0).Overflows > 0);
        stop = true;
        flood.CancelAndWait();
    });

    // Requested from everywhere, cancelled by somebody: never two at once, and what is requested last is served.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void RequestAndCancelRace(int seed) => SimulatedMachine.Run(3, seed, machine =>
    {
        DeferredWork.Start();
        int inside = 0;
        int wanted = 0;
        int served = 0;
        Call? call = null;
        call = new Call(() =>
        {
            machine.Require(++inside == 1, "deferred work runs twice at once");
            int latest = wanted;
            machine.Compute((ulong)machine.Random.Next(5_000));
            served = latest;
            machine.Require(--inside == 0, "deferred work runs twice at once");
            if (machine.Random.Next(8) == 0)
            {
                call!.Request();
            }
        });
        List<TaskStruct> tasks = [.. Enumerable.Range(0, 5).Select(i => KernelTask.Start($"t{i}", () =>
        {
            for (int k = 0; k < 40; k++)
            {
                if (machine.Random.Next(6) == 0)
                {
                    call.CancelAndWait();
                }
                else
                {
                    wanted++;
                    call.Request();
                    machine.Compute((ulong)machine.Random.Next(10_000));
                }
            }
        }))];
        tasks.ForEach(task => task.Join());
        wanted++;
        call.Request();
        for (int i = 0; i < 1000 && served != wanted; i++)
        {
            machine.Compute(10_000);
        }

        Assert.Equal(wanted, served);
        call.CancelAndWait();
        Assert.Empty(machine.Faults);
    }, switchOneIn: 2);

    // Deferred work on an idle CPU reads under RCU while others wait for grace periods.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AGracePeriodWaitsForDeferredWorkOnAnIdleCpu(int seed) => SimulatedMachine.Run(3, seed, machine =>
    {
        Deferred.Work.WorkQueues.Start();
        Rcu.Start();
        Box published = new();
        int violations = 0;
        int reads = 0;
        List<Timer> timers = [];
        for (int cpu = 1; cpu < 3; cpu++)
        {
            Call call = new(() =>
            {
                using (Rcu.Read())
                {
                    Box box = Rcu.Load(ref published);
                    machine.Compute((ulong)machine.Random.Next(8_000));
                    violations += box.IsPoisoned ? 1 : 0;
                    reads++;
                }
            });
            Timer? timer = null;
            timer = new Timer(() =>
            {
                call.Request();
                timer!.Start(machine.Now + 5_000 + (ulong)machine.Random.Next(10_000));
            });
            timers.Add(timer);
            KernelTask.Start(new TaskOptions { Name = "starter", Affinity = CpuSet.Of(cpu) }, () => timer.Start(machine.Now + 1000)).Join();
        }

        KernelTask.Current.SetAffinity(CpuSet.Of(0));
        for (int i = 0; i < 40; i++)
        {
            Box old = published;
            Rcu.Publish(ref published, new Box());
            Rcu.SynchronizeNow();
            old.IsPoisoned = true;
        }

        timers.ForEach(timer => timer.CancelAndWait());
        Assert.True(reads > 0);
        Assert.Equal(0, violations);
    }, switchOneIn: 2);

    [Fact]
    public void AThreadedHandlerServesInItsThreadAndUnmasksAfterwards() => SimulatedMachine.Run(2, 5, machine =>
    {
        Device device = new(machine);
        device.StartThread();
        Timer line = new(() => device.Handle());
        for (int i = 1; i <= 10; i++)
        {
            device.Pending++;
            line.Start(machine.Now + 1000);
            KernelTask.Sleep(Millisecond);
            Assert.Equal(i, device.Served);
            Assert.Equal(0, device.Pending);
            Assert.False(DeviceInterrupts.IsMasked(device));
        }

        Assert.True(device.WasMaskedWhileServed);
        Assert.False(device.Handle());
        device.StopThread();
        Assert.Empty(machine.Faults);
    });

    // The interrupt comes at any moment of the thread's work: none is lost.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void NoInterruptIsLostWhileTheThreadWorks(int seed) => SimulatedMachine.Run(2, seed, machine =>
    {
        Device device = new(machine);
        device.StartThread();
        int raised = 0;
        Timer? line = null;
        line = new Timer(() =>
        {
            device.Pending++;
            device.Handle();
            if (++raised < 50)
            {
                line!.Start(machine.Now + (ulong)machine.Random.Next(20_000));
            }
        });
        line.Start(machine.Now + 1000);
        while (raised < 50)
        {
            KernelTask.Sleep(Millisecond);
        }

        KernelTask.Sleep(10 * Millisecond);
        Assert.Equal(50, device.Served);
        device.StopThread();
        Assert.Empty(machine.Faults);
    }, switchOneIn: 2);

    private sealed class Box
    {
        public bool IsPoisoned { get; set; }
    }

    private sealed class Call(Action action, DeferredUrgency urgency = DeferredUrgency.Normal) : DeferredCall(urgency)
    {
        protected override void Run() => action();
    }

    private sealed class Timer(Action action) : KernelTimer
    {
        protected override void OnExpired(ulong now) => action();
    }

    private sealed class Device(SimulatedMachine machine) : ThreadedInterruptHandler
    {
        public override string Name => "device";

        public int Pending { get; set; }

        public int Served { get; private set; }

        public bool WasMaskedWhileServed { get; private set; }

        protected override InterruptCheck Check() => Pending > 0 ? InterruptCheck.WakeThread : InterruptCheck.NotMine;

        protected override void ServeInThread()
        {
            WasMaskedWhileServed |= DeviceInterrupts.IsMasked(this);
            while (Pending > 0)
            {
                machine.Compute((ulong)machine.Random.Next(10_000));
                Pending--;
                Served++;
                machine.Compute((ulong)machine.Random.Next(10_000));
            }
        }
    }
}
