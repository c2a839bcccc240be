using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Services;

/// <summary>
/// What the .NET runtime needs of the scheduler: threads, blocking, yielding. The runtime is below Tasks, so Tasks puts an
/// instance into <see cref="Instance"/> at boot, before a second thread exists. A class and not an interface, because a virtual call needs no dispatch cache.
/// </summary>
public abstract class RuntimeServices
{
    /// <summary>The scheduler's instance; null until it has started. Written once, with one CPU running.</summary>
    [Immutable]
    public static RuntimeServices? Instance { get; [BeforePublication] set; }

    /// <summary>
    /// Creates and starts a thread that calls <see cref="RuntimeThread.Run"/> on <paramref name="thread"/> once and then ends.
    /// </summary>
    /// <param name="thread">What the thread runs; never throws.</param>
    /// <param name="stackSize">Stack wanted, in bytes; 0 for the usual size of a .NET thread.</param>
    /// <returns>False if there is no memory for it.</returns>
    [MightSleep]
    public abstract bool CreateThread(RuntimeThread thread, ulong stackSize);

    /// <summary>The priority that a thread really has: the scheduling parameters of its task, as .NET's five levels tell them apart. Task context.</summary>
    /// <param name="thread">A thread that has started. The running task's own, if it is just being made: CoreLib asks for its priority first.</param>
    public abstract ThreadPriority GetPriority(Thread thread);

    /// <summary>Changes the scheduling parameters of a thread's task. Task context.</summary>
    /// <param name="thread">A thread that has started, or is about to.</param>
    /// <param name="priority">One of the five levels.</param>
    /// <returns>False if it cannot be changed; CoreLib then throws <see cref="ThreadStateException"/>.</returns>
    public abstract bool SetPriority(Thread thread, ThreadPriority priority);

    /// <summary>Makes a mutex with one condition; null if there is no memory.</summary>
    public abstract RuntimeMonitor? CreateMonitor();

    /// <summary>Makes a counting semaphore with no units; null if there is no memory.</summary>
    public abstract RuntimeSemaphore? CreateSemaphore();

    /// <summary>Lets other ready threads run.</summary>
    /// <returns>True if another thread may have run.</returns>
    [MightSleep]
    public abstract bool Yield();

    /// <summary>Makes every CPU execute a full memory fence before this returns (<c>Interlocked.MemoryBarrierProcessWide</c>).</summary>
    public abstract void FenceAllCpus();

    /// <summary>Ends the running task for good, as an exit of the whole program asks (<c>Environment.Exit</c>).</summary>
    /// <param name="exitCode">The code given.</param>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public abstract void Exit(int exitCode);
}

/// <summary>
/// A mutual-exclusion lock with one condition that threads wait for while they hold it, as CoreLib's locks, wait handles and thread pool are made of.
/// Not recursive. Task context only.
/// </summary>
public abstract class RuntimeMonitor
{
    /// <summary>Takes the lock, sleeping while another thread has it.</summary>
    [MightSleep]
    public abstract void Acquire();

    /// <summary>Releases the lock. Called by the thread that holds it.</summary>
    public abstract void Release();

    /// <summary>Releases the lock, sleeps until signalled, takes the lock again. May return without a signal.</summary>
    [MightSleep]
    public abstract void Wait();

    /// <summary>The same with a limit.</summary>
    /// <param name="milliseconds">The longest time to sleep, 0 or more.</param>
    /// <returns>False if the time passed without a signal. The lock is held in either case.</returns>
    [MightSleep]
    public abstract bool Wait(int milliseconds);

    /// <summary>Wakes one waiting thread, if any, and releases the lock.</summary>
    public abstract void SignalAndRelease();
}

/// <summary>A counting semaphore. Unlike a monitor, giving a unit never waits, so the end of a collection may do it in whatever task allocated.</summary>
public abstract class RuntimeSemaphore
{
    /// <summary>Gives one unit. Any context but NMI.</summary>
    [NoAllocation]
    public abstract void Release();

    /// <summary>Takes one unit, sleeping until there is one.</summary>
    /// <param name="milliseconds">The longest time to sleep; negative for ever.</param>
    /// <returns>False if the time passed.</returns>
    [MightSleep]
    public abstract bool Wait(int milliseconds);
}

/// <summary>A thread that CoreLib asked for.</summary>
public sealed class RuntimeThread
{
    private readonly nint _start;
    private readonly nint _parameter;

    internal RuntimeThread(nint start, nint parameter)
    {
        _start = start;
        _parameter = parameter;

        // What CoreLib gives the new thread is a handle of its Thread object, valid until the thread has taken it over.
        Thread = parameter == 0 ? null : (Thread?)GCHandle.FromIntPtr(parameter).Target;
    }

    /// <summary>CoreLib's object for it: name, priority and the rest as its creator set them. Null for the thread that runs finalizers.</summary>
    public Thread? Thread { get; }

    /// <summary>Runs the thread's code, on the thread itself. The caller then calls <see cref="RuntimeThreads.OnExit"/>, as for every task.</summary>
    public unsafe void Run() => _ = ((delegate* unmanaged<nint, nint>)_start)(_parameter);
}
