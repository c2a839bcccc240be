using System;
using System.Threading;
using Cosmos.Debug.Kernel;
using Cosmos.HAL;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using SystemConsole = System.Console;

namespace Cosmos.System;

/// <summary>
/// A kernel as Cosmos has it: <see cref="BeforeRun"/> once, then <see cref="Run"/> again and again until <see cref="Stop"/>. It runs as a task of its own, with
/// interrupts on and preemption, and may start as many threads as it likes.
/// </summary>
public abstract class Kernel
{
    /// <summary>Debugger of the kernel.</summary>
    public readonly Debugger mDebugger = new("Kernel");

    /// <summary>Set when <see cref="Start"/> was called.</summary>
    [Atomic]
    protected volatile bool mStarted;

    /// <summary>Set by <see cref="Stop"/>; read after each <see cref="Run"/>.</summary>
    [Atomic]
    protected volatile bool mStopped;

    // Of two tasks that start it at once, one is told that it cannot.
    [Atomic]
    private int _starts;

    /// <summary>Whether this processor takes interrupts.</summary>
    public static bool InterruptsEnabled => HAL.Global.InterruptsEnabled;

    /// <summary>Sends a message to whoever debugs the kernel.</summary>
    [MightSleep]
    public static void PrintDebug(string message) => Global.Debugger.Send(message);

    /// <summary>Runs the kernel and returns when it has stopped. An exception that leaves it is reported on the console and in the kernel log, and ends it.</summary>
    [MightSleep]
    public virtual void Start()
    {
        try
        {
            if (Interlocked.Exchange(ref _starts, 1) != 0)
            {
                throw new InvalidOperationException("The kernel has been started before, and cannot be started twice");
            }

            mStarted = true;
            OnBoot();
            BeforeRun();
            while (!mStopped)
            {
                Run();
            }

            AfterRun();
        }
        catch (Exception error)
        {
            KernelLog.Error($"Cosmos kernel {GetType().FullName} ended by {error.GetType().FullName}: {error.Message}");
            SystemConsole.ForegroundColor = ConsoleColor.Red;
            SystemConsole.WriteLine("A kernel exception has occured:");
            SystemConsole.ResetColor();
            SystemConsole.WriteLine(error.ToString());
        }
    }

    /// <summary>Ends the loop when the present <see cref="Run"/> returns. Any task.</summary>
    public void Stop() => mStopped = true;

    /// <summary>The screen to write to; null means the kernel's consoles, and nothing else is supported.</summary>
    protected virtual TextScreenBase? GetTextScreen() => null;

    /// <summary>Called before <see cref="BeforeRun"/>: takes console, keyboard and mouse over.</summary>
    [MightSleep]
    protected virtual void OnBoot() => Global.Init(GetTextScreen());

    /// <summary>Called once before the loop.</summary>
    protected virtual void BeforeRun()
    {
    }

    /// <summary>Called again and again.</summary>
    protected abstract void Run();

    /// <summary>Called after the loop has ended.</summary>
    protected virtual void AfterRun()
    {
    }
}
