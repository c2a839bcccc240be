using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Modules.Log;

/// <summary>How important a message is; Linux's numbers.</summary>
public enum LogLevel
{
    /// <summary>The system is unusable.</summary>
    Emergency = 0,

    /// <summary>Action must be taken at once.</summary>
    Alert = 1,

    /// <summary>Critical.</summary>
    Critical = 2,

    /// <summary>An error.</summary>
    Error = 3,

    /// <summary>A warning.</summary>
    Warning = 4,

    /// <summary>Normal but significant.</summary>
    Notice = 5,

    /// <summary>Information.</summary>
    Info = 6,

    /// <summary>For those who debug.</summary>
    Debug = 7,
}

/// <summary>One line of the log.</summary>
/// <param name="Nanoseconds">Time since boot.</param>
/// <param name="Level">Importance.</param>
/// <param name="Text">The message.</param>
public readonly record struct LogLine(ulong Nanoseconds, LogLevel Level, string Text);

/// <summary>
/// The kernel log: the last <see cref="Capacity"/> lines are kept, and those at or below the console's level are shown. Task context: it formats and allocates. Code that
/// may not allocate records a tracepoint instead.
/// </summary>
public static class KernelLog
{
    /// <summary>Lines kept.</summary>
    public const int Capacity = 4096;

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly Queue<LogLine> s_lines = new();

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static long s_written;

    /// <summary>Is told of each new line, without a lock, in the task that wrote it; null for nobody.</summary>
    [Protocol("Set once at boot.")]
    public static KernelLogListener? Listener { get; set; }

    /// <summary>Lines written since boot: the number of the next one. Any context.</summary>
    public static long Written => Volatile.Read(ref s_written);

    /// <summary>Messages of this level and more important ones are shown on the console.</summary>
    [Atomic]
    public static LogLevel ConsoleLevel { get; set; } = LogLevel.Info;

    /// <summary>The kept lines, oldest first.</summary>
    [MightSleep]
    public static LogLine[] Lines
    {
        get
        {
            lock (s_lock)
            {
                return [.. s_lines];
            }
        }
    }

    /// <summary>A line by its number.</summary>
    /// <param name="number">From 0; set to the oldest line that is kept when that is later.</param>
    /// <param name="line">The line.</param>
    /// <returns>False when it is not written yet.</returns>
    [MightSleep]
    public static bool TryGet(ref long number, out LogLine line)
    {
        lock (s_lock)
        {
            long first = s_written - s_lines.Count;
            number = Math.Max(number, first);
            if (number >= s_written)
            {
                line = default;
                return false;
            }

            line = s_lines.ElementAt((int)(number - first));
            return true;
        }
    }

    /// <summary>Writes a message.</summary>
    [MightSleep]
    public static void Write(LogLevel level, string message)
    {
        ulong now = Clock.MonotonicNanoseconds;
        lock (s_lock)
        {
            if (s_lines.Count == Capacity)
            {
                s_lines.Dequeue();
            }

            s_lines.Enqueue(new LogLine(now, level, message));
            Volatile.Write(ref s_written, s_written + 1);
        }

        Listener?.LineAdded();

        if (level <= ConsoleLevel)
        {
            KernelConsole.WriteLine(Format(now, message));
        }
    }

    /// <summary>Writes an error.</summary>
    [MightSleep]
    public static void Error(string message) => Write(LogLevel.Error, message);

    /// <summary>Writes a warning.</summary>
    [MightSleep]
    public static void Warning(string message) => Write(LogLevel.Warning, message);

    /// <summary>Writes information.</summary>
    [MightSleep]
    public static void Info(string message) => Write(LogLevel.Info, message);

    /// <summary>Writes for those who debug.</summary>
    [MightSleep]
    public static void Debug(string message) => Write(LogLevel.Debug, message);

    /// <summary>A line as the console shows it: time in seconds, then the message. It begins with <c>[</c>, so it is no protocol line.</summary>
    public static string Format(ulong nanoseconds, string message)
    {
        var text = new StringBuilder();
        text.Append('[').Append((nanoseconds / 1_000_000_000).ToString().PadLeft(5)).Append('.').Append((nanoseconds / 1000 % 1_000_000).ToString("d6")).Append("] ");
        return text.Append(message.Replace("\n", "\n              ", StringComparison.Ordinal)).ToString();
    }
}
