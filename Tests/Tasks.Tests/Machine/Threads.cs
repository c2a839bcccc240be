using System;
using System.Threading;
using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Threads;

/// <summary>Stands for the class of this name in Kernel/Machine: a thread of the host that runs only while it has the baton.</summary>
public sealed class MachineThread
{
    public const int MinimumStackBytes = 16 * 1024;

    private Thread? _host;

    private MachineThread(object owner)
    {
        Owner = owner;
        SimulatedMachine.Instance.Register(this);
    }

    public object Owner { get; private set; }

    public AutoResetEvent Baton { get; } = new(false);

    public bool IsFreed { get; private set; }

    public int StackSize => MinimumStackBytes;

    public ulong InterruptTicks => 0;

    public static MachineThread Create(object owner, int stackBytes)
    {
        SimulatedMachine.Instance.Require(stackBytes >= MinimumStackBytes, "a stack that is too small");
        if (SimulatedMachine.Instance.StacksLeft-- <= 0)
        {
            throw new OutOfMemoryException("There is no memory for a stack.");
        }

        SimulatedMachine.Instance.LiveStacks++;
        MachineThread thread = new(owner);
        thread.StartHostThread(() => MachineEvents.Instance!.ThreadStarted(owner));
        return thread;
    }

    public static MachineThread AdoptCurrent(object owner)
    {
        MachineThread thread = SimulatedMachine.Instance.Active.Current!;
        thread.Owner = owner;
        return thread;
    }

    public static MachineThread ForHostThread(string name) => new(name);

    public static MachineThread ForCpuStart(int cpu) => new($"start of CPU {cpu}");

    public static void Switch(MachineThread from, MachineThread to)
    {
        SimulatedMachine.Instance.Step();
        SimulatedMachine.Instance.SwitchThreads(from, to);
        SimulatedMachine.Instance.Step();
    }

    public uint ReadNesting { get; set; }

    public bool IsInReadSection => ReadNesting is not (0 or ReadSection.WatchedOffset);

    public bool IsReadSectionWatched
    {
        get => ReadNesting >= ReadSection.WatchedOffset;
        set
        {
            SimulatedMachine.Instance.Require(!SimulatedMachine.Instance.Active.InterruptsOn, "a thread is watched with interrupts on");
            if (value != IsReadSectionWatched)
            {
                ReadNesting = value ? ReadNesting + ReadSection.WatchedOffset : ReadNesting - ReadSection.WatchedOffset;
            }
        }
    }

    public int StackHighWater() => IsFreed ? 0 : 1000;

    public void Release()
    {
        foreach (SimulatedCpu cpu in SimulatedMachine.Instance.Cpus)
        {
            SimulatedMachine.Instance.Require(!ReferenceEquals(cpu.Current, this), "a stack is freed that a CPU runs on");
        }

        SimulatedMachine.Instance.Require(!IsFreed, "a stack is freed twice");
        IsFreed = true;
        SimulatedMachine.Instance.LiveStacks--;
        EndHostThread();
    }

    public void StartHostThread(Action body)
    {
        _host = new Thread(() => RunHostThread(body), 512 * 1024) { IsBackground = true };
        _host.Start();
    }

    public void WaitForBaton()
    {
        Baton.WaitOne();
        if (SimulatedMachine.Instance.Over || IsFreed)
        {
            throw new SimulationEndedException();
        }

        SimulatedMachine.Instance.BecomeActive(this);
    }

    public void EndHostThread()
    {
        if (_host is { } host)
        {
            Baton.Set();
            host.Join();
        }
    }

    private void RunHostThread(Action body)
    {
        try
        {
            WaitForBaton();
            body();
            SimulatedMachine.Instance.Fail(new SimulationFailedException("a thread returned from its first function"));
        }
        catch (SimulationEndedException)
        {
            // The simulation is over, or the thread was released: it never runs again.
        }
        catch (Exception exception)
        {
            try
            {
                SimulatedMachine.Instance.Fail(exception);
            }
            catch (SimulationEndedException)
            {
                // The failure is recorded; the thread that runs the test reports it.
            }
        }
    }
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal abstract class MachineEvents
{
    public static MachineEvents? Instance { get; set; }

    public abstract void Preempt();

    public abstract void ClockExpired(ulong now);

    public abstract void RescheduleRequested();

    public abstract void ReadSectionEnded();

    public abstract void ThreadStarted(object owner);

    public abstract void CpuStarted();
}
