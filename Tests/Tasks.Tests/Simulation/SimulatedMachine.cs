using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Tests.Simulation;

/// <summary>Unwinds the threads of a simulation that is over.</summary>
internal sealed class SimulationEndedException : Exception;

/// <summary>The kernel panicked, or the machine saw something that must not be.</summary>
internal sealed class SimulationFailedException(string message) : Exception(message);

/// <summary>
/// A machine with several CPUs of which exactly one makes a step at a time. Every task is a thread of the host, but only the one that has the baton runs;
/// at each step (an access to shared memory that says so, taking or releasing a lock, changing the interrupt flag, a pause) a seeded generator decides which CPU goes on.
/// So an interleaving is an outcome of the seed, time is simulated, and a failure can be repeated.
/// </summary>
internal sealed partial class SimulatedMachine
{
    private const ulong StepNanoseconds = 50;
    private const long MostSteps = 20_000_000;

    private readonly Random _random;
    private readonly List<MachineThread> _threads = [];
    private readonly int _switchOneIn;
    private Exception? _failure;
    private MachineThread? _root;
    private long _steps;

    private SimulatedMachine(int cpus, int seed, int switchOneIn)
    {
        _random = new Random(seed);
        _switchOneIn = switchOneIn;
        Cpus = new SimulatedCpu[cpus];
        for (int i = 0; i < cpus; i++)
        {
            Cpus[i] = new SimulatedCpu(i);
        }
    }

    /// <summary>The machine of the test that runs.</summary>
    public static SimulatedMachine Instance { get; private set; } = null!;

    public SimulatedCpu[] Cpus { get; }

    /// <summary>CPUs that were started.</summary>
    public int Started { get; private set; }

    /// <summary>The CPU that makes the step.</summary>
    public SimulatedCpu Active { get; private set; } = null!;

    public ulong Now { get; private set; } = 1_000_000;

    public bool Over { get; private set; }

    /// <summary>Stacks that were made and not freed.</summary>
    public int LiveStacks { get; set; }

    /// <summary>Stacks that there is memory for.</summary>
    public int StacksLeft { get; set; } = int.MaxValue;

    /// <summary>Exceptions that ended tasks.</summary>
    public List<Exception> Faults { get; } = [];

    /// <summary>What was written to the early console.</summary>
    public List<string> Messages { get; } = [];

    public Random Random => _random;

    /// <summary>Called at each switch, with the run queue locked and both tasks known to it.</summary>
    public Action? Switching { get; set; }

    /// <summary>Boots the scheduler on so many CPUs and runs the test as the first task.</summary>
    /// <param name="cpus">How many.</param>
    /// <param name="seed">Of the interleaving.</param>
    /// <param name="test">The test.</param>
    /// <param name="switchOneIn">How often another CPU goes on: at one in so many steps.</param>
    public static void Run(int cpus, int seed, Action<SimulatedMachine> test, int switchOneIn = 3)
    {
        ForgetStatics();
        SimulatedMachine machine = new(cpus, seed, switchOneIn);
        Instance = machine;
        try
        {
            machine.Boot();
            test(machine);
        }
        catch (SimulationEndedException) when (machine._failure is not null)
        {
            throw new SimulationFailedException($"seed {seed}: {machine._failure.Message}{Environment.NewLine}{machine._failure.StackTrace}");
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException and not SimulationFailedException)
        {
            throw new SimulationFailedException($"seed {seed}: {exception}");
        }
        finally
        {
            machine.End();
        }
    }

    /// <summary>A point where other CPUs may go on and interrupts arrive, before something is done.</summary>
    /// <param name="what">What will be done: read, write, lock, cli or another atomic operation's name; empty when nobody asks.</param>
    /// <param name="by">The member that does it.</param>
    public void Step(string what = "", string by = "")
    {
        if (_isObserved && !Over)
        {
            return;
        }

        Advance(StepNanoseconds);
        HoldIfWanted(what, by);
        if (_random.Next(_switchOneIn) == 0)
        {
            LetAnotherGoOn();
        }
    }

    /// <summary>The running task computes for so long.</summary>
    public void Compute(ulong nanoseconds)
    {
        ulong end = Now + nanoseconds;
        while (Now < end)
        {
            // Computing and the kernel's steps on another CPU go on side by side: neither may take the time of the other.
            ulong piece = Math.Min(end - Now, OthersAreInKernel() ? StepNanoseconds : 20_000);
            foreach (SimulatedCpu cpu in Cpus)
            {
                if (cpu.Armed > Now)
                {
                    piece = Math.Min(piece, cpu.Armed - Now);
                }
            }

            Advance(piece);
            LetAnotherGoOn();
        }
    }

    /// <summary>HLT with interrupts on.</summary>
    public void Halt()
    {
        SimulatedCpu cpu = Active;
        cpu.InterruptsOn = true;
        cpu.Halted = true;
        while (!cpu.HasInterrupt(Now))
        {
            LetAnotherGoOn();
        }

        cpu.Halted = false;
        ServeInterrupts();
    }

    /// <summary>The thread that has the CPU goes on in another thread.</summary>
    public void SwitchThreads(MachineThread from, MachineThread to)
    {
        SimulatedCpu cpu = Active;
        Require(!cpu.InterruptsOn, "a switch with interrupts on");
        Require(cpu.LocksHeld == 1, $"a switch with {cpu.LocksHeld} locks held");
        Require(ReferenceEquals(cpu.Current, from), "a switch from a thread that does not run");
        Require(!to.IsFreed, "a switch to a thread that was freed");
        foreach (SimulatedCpu other in Cpus)
        {
            Require(!ReferenceEquals(other.Current, to), "a thread on two CPUs");
        }

        Switching?.Invoke();
        cpu.Current = to;
        to.Baton.Set();
        from.WaitForBaton();
    }

    public void Require(bool condition, string message)
    {
        if (!condition)
        {
            Fail(new SimulationFailedException(message));
        }
    }

    /// <summary>Ends the simulation with a failure.</summary>
    public void Fail(Exception failure)
    {
        if (!Over)
        {
            _failure = failure is SimulationFailedException && failure.StackTrace is null
                ? new SimulationFailedException(failure.Message + Environment.NewLine + Environment.StackTrace)
                : failure;
            Over = true;
            _root?.Baton.Set();
        }

        throw new SimulationEndedException();
    }

    /// <summary>Interrupts that are due on the active CPU, if its flag lets them.</summary>
    public void ServeInterrupts()
    {
        while (Active.InterruptsOn && Active.HasInterrupt(Now))
        {
            SimulatedCpu cpu = Active;
            cpu.InterruptsOn = false;
            cpu.InterruptDepth++;
            if (cpu.ReschedulePending)
            {
                cpu.ReschedulePending = false;
                cpu.RescheduleInterrupts++;
                MachineEvents.Instance!.RescheduleRequested();
            }
            else
            {
                cpu.Armed = ulong.MaxValue;
                cpu.ClockInterrupts++;
                MachineEvents.Instance!.ClockExpired(Now);
            }

            cpu.InterruptDepth--;
            if (cpu.PreemptCount == 0 && (cpu.NeedResched || cpu.DeferredPending))
            {
                MachineEvents.Instance!.Preempt();
            }

            // Perhaps another CPU by now.
            Active.InterruptsOn = true;
        }
    }

    public void Register(MachineThread thread) => _threads.Add(thread);

    /// <summary>The thread got the baton: on whose CPU it is was set by who gave it.</summary>
    public void BecomeActive(MachineThread thread)
    {
        foreach (SimulatedCpu cpu in Cpus)
        {
            if (ReferenceEquals(cpu.Current, thread))
            {
                Active = cpu;
                return;
            }
        }

        Fail(new SimulationFailedException("a thread runs that is on no CPU"));
    }

    private static void ForgetStatics()
    {
        foreach (Type type in typeof(TaskStruct).Assembly.GetTypes())
        {
            if (type.Namespace?.StartsWith("CosmosKernel.", StringComparison.Ordinal) != true || type.ContainsGenericParameters
                || type.Namespace.Contains(".Tests", StringComparison.Ordinal) || type.IsDefined(typeof(CompilerGeneratedAttribute)))
            {
                continue;
            }

            foreach (FieldInfo field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            {
                if (!field.IsLiteral && !field.IsInitOnly)
                {
                    field.SetValue(null, null);
                }
            }
        }
    }

    private void Boot()
    {
        _root = MachineThread.ForHostThread("boot");
        Cpus[0].Current = _root;
        Active = Cpus[0];
        Started = 1;
        SchedulerStart.BootCpu();
        TaskFaultReporter.Instance = new FaultList(this);

        // Tests name their times exactly; all tasks inherit this. Slack has tests of its own.
        TaskStruct.Current.TimerSlack = 1;
        Active.InterruptsOn = true;
        for (int i = 1; i < Cpus.Length; i++)
        {
            MachineThread thread = MachineThread.ForCpuStart(i);
            Started = i + 1;
            Cpus[i].Current = thread;
            thread.StartHostThread(MachineEvents.Instance!.CpuStarted);
        }

        // They start at the same time and are ready in any order.
        while (RunQueues.Count < Cpus.Length)
        {
            Step();
        }
    }

    private void End()
    {
        Over = true;
        foreach (MachineThread thread in _threads)
        {
            thread.EndHostThread();
        }
    }

    private void Advance(ulong nanoseconds)
    {
        if (Over)
        {
            throw new SimulationEndedException();
        }

        if (++_steps > MostSteps)
        {
            Fail(new SimulationFailedException($"no end after {MostSteps} steps: a livelock: {Describe()}"));
        }

        Now += nanoseconds;
        CheckIdleCpus();
        ServeInterrupts();
    }

    // Gives the baton to a CPU that can go on; may be this one. When all halt, time passes up to the next clock interrupt.
    private void LetAnotherGoOn()
    {
        if (Over)
        {
            throw new SimulationEndedException();
        }

        SimulatedCpu here = Active;
        SimulatedCpu? next = Choose();
        if (next is null)
        {
            ulong earliest = ulong.MaxValue;
            foreach (SimulatedCpu cpu in Cpus)
            {
                earliest = Math.Min(earliest, cpu.Armed);
            }

            if (earliest == ulong.MaxValue)
            {
                Fail(new SimulationFailedException("all CPUs halt and nothing will wake them: " + Describe()));
            }

            Now = Math.Max(Now, earliest);
            CheckIdleCpus();
            next = Choose();
        }

        if (next is not null && !ReferenceEquals(next, here))
        {
            MachineThread mine = here.Current!;
            next.Current!.Baton.Set();
            mine.WaitForBaton();
        }

        if (!Active.Halted)
        {
            ServeInterrupts();
        }
    }

    private bool OthersAreInKernel() => Array.Exists(Cpus, cpu => !ReferenceEquals(cpu, Active) && cpu is { InterruptsOn: false, Halted: false, Hold: null, Current: not null });

    private SimulatedCpu? Choose()
    {
        int start = _random.Next(Started);
        for (int i = 0; i < Started; i++)
        {
            SimulatedCpu cpu = Cpus[(start + i) % Started];
            if ((!cpu.Halted || cpu.HasInterrupt(Now)) && !IsHeld(cpu))
            {
                return cpu;
            }
        }

        return null;
    }

    private string Describe() => Observe(DescribeTasks);

    private static string DescribeTasks()
    {
        List<string> tasks = [];
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            tasks.Add($"{task} {task.State.Letter()} on {task.Cpu} {task.WaitChannel}");
        }

        foreach (SimulatedCpu cpu in Instance.Cpus)
        {
            string doing = cpu.Hold is not null ? "held" : cpu.Halted ? "halted" : "busy";
            tasks.Add($"CPU {cpu.Index} {doing} in {cpu.Current?.Owner}, interrupts {(cpu.InterruptsOn ? "on" : "off")}");
        }

        return string.Join("; ", tasks);
    }

    private sealed class FaultList(SimulatedMachine machine) : TaskFaultReporter
    {
        public override void Report(TaskStruct task, Exception exception)
        {
            if (exception is SimulationEndedException)
            {
                throw exception;
            }

            machine.Faults.Add(exception);
        }
    }
}
