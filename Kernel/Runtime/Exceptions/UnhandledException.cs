using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Text;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Native;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// What happens to a thread whose exception nobody catches. The task layer puts an instance into <see cref="Handler"/> that ends
/// the task; without one the kernel panics.
/// </summary>
public abstract class UnhandledException
{
    /// <summary>The handler; set once at boot.</summary>
    [Immutable]
    public static UnhandledException? Handler { get; [BeforePublication] set; }

    /// <summary>
    /// Ends the thread that threw. Called on its stack, at the throw: no frame has been unwound and no <c>finally</c> has run. The report has been written.
    /// </summary>
    /// <param name="exception">The exception.</param>
    [DoesNotReturn]
    public abstract void EndThread(Exception exception);

    /// <summary>
    /// Whether the exception is the end of the running thread and not an error: it then passes the first frame of a .NET thread, to the task that runs it, and all
    /// <c>finally</c> blocks run. Called on the thread, before any of them has.
    /// </summary>
    /// <param name="exception">The exception that nobody on the thread catches.</param>
    public abstract bool IsEndOfThread(Exception exception);

    /// <summary>Writes type, message and stack trace of an exception, inner ones included, to the console.</summary>
    /// <param name="title">First line.</param>
    /// <param name="exception">The exception.</param>
    public static void Report(string title, Exception exception)
    {
        // One write, so that reports of several threads do not mix.
        StandardStreams.Write(StandardStreams.Error, Encoding.UTF8.GetBytes($"{title} {exception}\n"));
    }

    // CoreLib's dispatcher calls this, through the table of class library functions, when it has found no handler.
    internal static void OnUnhandled(object thrown)
    {
        var exception = Unsafe.As<Exception>(thrown);
        try
        {
            RaiseAppDomainEvent(thrown);
            Report("Unhandled exception.", exception);
        }
        catch (Exception)
        {
            // No memory for the text, or an event handler that throws: the thread ends all the same, and its end is not silent.
            _ = StandardStreams.Write(StandardStreams.Error, "Unhandled exception; reporting it failed\n"u8);
        }

        if (Handler is { } handler)
        {
            handler.EndThread(exception);
        }

        Panic.Now("Unhandled exception"u8);
    }

    // Environment.FailFast, Debug.Assert and defects that CoreLib finds in itself.
    internal static void OnFailFast(int reason, Exception? exception, nint address, nint context)
    {
        if (exception != null && reason != 1)
        {
            Report("Fatal error.", exception);
        }

        Panic.Begin("CoreLib failed fast"u8);
        EarlyConsole.Write("  reason "u8);
        EarlyConsole.WriteDecimal((ulong)reason);
        EarlyConsole.Write(" at"u8);
        SymbolWriter.WriteAddress((ulong)address);
        EarlyConsole.Write("\n"u8);
        unsafe
        {
            Panic.Finish(null);
        }
    }

    [RuntimeExport("RhpFallbackFailFast")]
    private static void FallbackFailFast() => Panic.Now("The .NET runtime failed: exception dispatch cannot continue"u8);

    [RuntimeImport("OnUnhandledException")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void RaiseAppDomainEvent(object exception);
}
