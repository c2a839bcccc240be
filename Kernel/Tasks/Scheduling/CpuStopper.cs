using System;
using System.Runtime.ExceptionServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Runs something on one CPU ahead of everything else there, real-time and deadline tasks included: a task of the <see cref="StopClass"/>, one a CPU, made when it is first needed.
/// For work that must stop what the CPU runs, such as taking a CPU out of use or asking what it is doing; short, since nothing else runs meanwhile.
/// </summary>
public sealed class CpuStopper
{
    [Immutable]
    private static Mutex s_mutex = null!;

    [GuardedBy(nameof(s_mutex))]
    private static CpuStopper?[] s_stoppers = null!;

    [Immutable]
    private readonly Semaphore _pending = new("stopper", 0);

    [Immutable]
    private readonly Semaphore _done = new("stop-work", 0);

    [Protocol("Written by who holds s_mutex before it releases _pending, read by the stopper's task after it has taken that.")]
    private Action? _work;

    [Protocol("Written by the stopper's task before it releases _done, read by who holds s_mutex after taking that.")]
    private ExceptionDispatchInfo? _failure;

    private CpuStopper(int cpu)
    {
        KernelTask.Start(new TaskOptions { Name = $"stop/{cpu}", Affinity = CpuSet.Of(cpu), Detached = true }, Serve);
    }

    /// <summary>Makes room for the stoppers of all CPUs. Once, at boot.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        s_mutex = new Mutex("stopper");
        s_stoppers = new CpuStopper?[CpuSet.Capacity];
    }

    /// <summary>Runs something on a CPU, before everything else there, and waits for its end. One at a time in the machine. Task context.</summary>
    /// <param name="cpu">A CPU that schedules.</param>
    /// <param name="work">What is to be done there; it must not sleep. Its exception is thrown here.</param>
    /// <exception cref="ArgumentException">There is no such CPU.</exception>
    [MightSleep]
    public static void Run(int cpu, Action work)
    {
        TaskStruct.ThrowIfNoCpu(CpuSet.Of(cpu));
        using (s_mutex.Enter())
        {
            CpuStopper stopper = s_stoppers[cpu] ??= new CpuStopper(cpu);
            stopper._work = work;
            stopper._pending.Release();
            stopper._done.Wait();
            ExceptionDispatchInfo? failure = stopper._failure;
            stopper._work = null;
            stopper._failure = null;
            failure?.Throw();
        }
    }

    private void Serve()
    {
        TaskStruct.Current.BecomeStopper();
        while (true)
        {
            _pending.Wait();
            try
            {
                _work!();
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            _done.Release();
        }
    }
}
