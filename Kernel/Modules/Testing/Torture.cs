using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Modules.Testing;

/// <summary>
/// Tortures something that tasks share: a contender does one operation after the other, while disturbers preempt contenders at any instruction, move them between CPUs, change
/// their urgency, interrupt and kill them. Killed ones are replaced. What the operations prove (exclusion, conservation) they check themselves; the harness checks
/// progress: it ends when its time is over and each contender has done a least number of operations, and fails when one does none while the others do
/// <see cref="StarvationBound"/>, in half a minute at least: a host may stop the CPU of one contender, while the others go on, for seconds. Task context.
/// <para>The random choices come from a seed (<c>torture.seed=N</c> on the boot line), which a failure names. On several CPUs the interleaving depends on the machine, too.</para>
/// </summary>
public sealed class Torture
{
    /// <summary>Operations of all others without a single one of a contender that count as its starvation.</summary>
    public const long StarvationBound = 4_000_000;

    private const ulong StarvationTime = 30_000 * Millisecond;
    private const int LeastOperations = 5;
    private const int DisturberPriority = 40;
    private const int MostContenders = 12;
    private const ulong Millisecond = 1_000_000;

    private readonly string _name;
    private readonly TortureKinds _kinds;
    private readonly int _seed;
    private readonly Func<Contender, bool> _operation;

    [Immutable]
    private readonly Contender[] _contenders;

    [Atomic]
    private string? _failure;

    [Atomic]
    private bool _stop;

    private Torture(string name, int contenders, TortureKinds kinds, Func<Contender, bool> operation)
    {
        _name = name;
        _kinds = kinds;
        _operation = operation;
        _seed = KernelOptions.GetNumber("torture.seed", 1, 0, int.MaxValue);
        _contenders = new Contender[contenders];
        for (int i = 0; i < contenders; i++)
        {
            _contenders[i] = new Contender(this, i, HashCode.Combine(_seed, i));
        }
    }

    /// <summary>How long a torture is in a test run, in nanoseconds: <c>torture.milliseconds=N</c> on the boot line, 250 otherwise.</summary>
    [MightSleep]
    public static ulong TestNanoseconds => (ulong)KernelOptions.GetNumber("torture.milliseconds", 250, 1, 100_000_000) * Millisecond;

    /// <summary>Two contenders a CPU and one more, so that there is always one that waits for a CPU, and never more than twelve.</summary>
    public static int Contenders => Math.Min((2 * RunQueues.Count) + 1, MostContenders);

    /// <summary>Runs a torture.</summary>
    /// <param name="name">Names it in failures.</param>
    /// <param name="nanoseconds">For how long at least.</param>
    /// <param name="kinds">What is done to the contenders.</param>
    /// <param name="operation">One operation. True when it did what counts as progress: a wait that was given up does not.</param>
    /// <param name="contenders">How many tasks; 0 for <see cref="Contenders"/>.</param>
    /// <returns>Operations of all contenders together.</returns>
    /// <exception cref="CheckFailedException">An operation failed, or a contender starved.</exception>
    [MightSleep]
    public static long Run(string name, ulong nanoseconds, TortureKinds kinds, Func<Contender, bool> operation, int contenders = 0)
    {
        var torture = new Torture(name, contenders == 0 ? Contenders : contenders, kinds, operation);
        return torture.Run(nanoseconds);
    }

    internal bool Stopped => Volatile.Read(ref _stop);

    internal void Fail(string what)
    {
        Interlocked.CompareExchange(ref _failure, what, null);
        Volatile.Write(ref _stop, true);
    }

    private long Run(ulong nanoseconds)
    {
        // More urgent than the contenders, so that it sees what they do; it sleeps nearly always.
        SchedulingParameters before = TaskStruct.Current.GetScheduling();
        TaskStruct.Current.SetPriority(DisturberPriority - 1);
        try
        {
            return RunAsWatcher(nanoseconds);
        }
        finally
        {
            TaskStruct.Current.SetScheduling(before);
        }
    }

    private long RunAsWatcher(ulong nanoseconds)
    {
        foreach (Contender contender in _contenders)
        {
            Start(contender);
        }

        var disturbers = new TaskStruct[Math.Max(1, RunQueues.Count / 2)];
        for (int i = 0; i < disturbers.Length; i++)
        {
            var random = new Random(HashCode.Combine(_seed, -1 - i));
            disturbers[i] = KernelTask.Start(new TaskOptions { Name = $"disturber {i}", Priority = DisturberPriority }, () => Disturb(random));
        }

        ulong end = Clock.MonotonicNanoseconds + nanoseconds;
        do
        {
            KernelTask.Sleep(2 * Millisecond);
            ReplaceKilled();
            CheckProgress();
        }
        while (!Stopped && (Clock.MonotonicNanoseconds < end || !AllHaveMoved()));

        Volatile.Write(ref _stop, true);
        foreach (TaskStruct disturber in disturbers)
        {
            disturber.Join();
        }

        long operations = 0;
        foreach (Contender contender in _contenders)
        {
            // Wherever the disturbers left it, it can now run to its end.
            contender.Task!.SetAffinity(CpuSet.All);
            contender.Task.Join();
            operations += contender.Operations;
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw new CheckFailedException($"{_name} with seed {_seed}, after {operations} operations: {failure}");
        }

        return operations;
    }

    private void Start(Contender contender)
    {
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = $"{_name} {contender.Index}" }, () =>
        {
            try
            {
                while (!Stopped && !TaskStruct.Current.IsKilled)
                {
                    if (_operation(contender))
                    {
                        contender.Count();
                    }
                }
            }
            catch (Exception failure) when (failure is not TaskKilledException)
            {
                Fail(failure is CheckFailedException ? failure.Message : failure.ToString());
            }
        });
        contender.Task = task;
    }

    private void ReplaceKilled()
    {
        foreach (Contender contender in _contenders)
        {
            if (contender.Task!.State == TaskState.Zombie && !Stopped)
            {
                contender.Task.Join();
                Start(contender);
            }
        }
    }

    private void CheckProgress()
    {
        long sum = 0;
        foreach (Contender contender in _contenders)
        {
            sum += contender.Operations;
        }

        ulong now = Clock.MonotonicNanoseconds;
        foreach (Contender contender in _contenders)
        {
            if (contender.HasStarved(sum, StarvationBound, now, StarvationTime))
            {
                Fail($"contender {contender.Index} ({contender.Task!.State}, waits for '{contender.Task.WaitChannel}') did nothing while the others did {StarvationBound} operations");
            }
        }
    }

    private bool AllHaveMoved() => Array.TrueForAll(_contenders, contender => contender.Operations >= LeastOperations);

    // Each of its wake-ups preempts what runs where it comes to run: at any instruction.
    private void Disturb(Random random)
    {
        int cpus = RunQueues.Limit;
        while (!Stopped)
        {
            TaskStruct other = _contenders[random.Next(_contenders.Length)].Task!;
            switch (random.Next(8))
            {
                case 0 or 1:
                    other.SetAffinity(CpuSet.Of(random.Next(cpus)));
                    break;
                case 2 or 3:
                    other.SetAffinity(CpuSet.All);
                    break;
                case 4 when (_kinds & TortureKinds.Urgencies) != 0:
                    other.SetPriority(random.Next(3) == 0 ? 60 + random.Next(30) : TaskPriority.Default);
                    break;
                case 5 when (_kinds & TortureKinds.Interrupts) != 0:
                    other.Interrupt();
                    break;
                case 6 when (_kinds & TortureKinds.Kills) != 0 && random.Next(4) == 0:
                    other.Kill();
                    break;
                default:
                    Spend(random.Next(3000));
                    break;
            }

            TaskStruct.Current.SetAffinity(CpuSet.Of(random.Next(cpus)));
            KernelTask.Sleep((ulong)random.Next(20_000, 300_000));
        }
    }

    private void Spend(int rounds)
    {
        for (int i = 0; i < rounds && !Stopped; i++)
        {
        }
    }
}

/// <summary>What a <see cref="Torture"/> does to its contenders, moving and preempting apart.</summary>
[Flags]
public enum TortureKinds
{
    /// <summary>Nothing else.</summary>
    None = 0,

    /// <summary>Real-time priorities for some of the time.</summary>
    Urgencies = 1,

    /// <summary>Interrupts of waits.</summary>
    Interrupts = 2,

    /// <summary>Kills; another task takes the contender's place.</summary>
    Kills = 4,

    /// <summary>All of them.</summary>
    All = Urgencies | Interrupts | Kills,
}
