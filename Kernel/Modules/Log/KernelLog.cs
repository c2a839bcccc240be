using System;
using System.Collections.Generic;
using System.Text;
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
    private static readonly Queue<LogLine> s_lines = new();

    /// <summary>Messages of this level and more important ones are shown on the console.</summary>
    public static LogLevel ConsoleLevel { get; set; } = LogLevel.Info;

    /// <summary>The kept lines, oldest first.</summary>
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

    /// <summary>Writes a message.</summary>
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
        }

        if (level <= ConsoleLevel)
        {
            KernelConsole.WriteLine(Format(now, message));
        }
    }

    /// <summary>Writes an error.</summary>
    public static void Error(string message) => Write(LogLevel.Error, message);

    /// <summary>Writes a warning.</summary>
    public static void Warning(string message) => Write(LogLevel.Warning, message);

    /// <summary>Writes information.</summary>
    public static void Info(string message) => Write(LogLevel.Info, message);

    /// <summary>Writes for those who debug.</summary>
    public static void Debug(string message) => Write(LogLevel.Debug, message);

    /// <summary>A line as the console shows it: time in seconds, then the message. It begins with <c>[</c>, so it is no protocol line.</summary>
    public static string Format(ulong nanoseconds, string message)
    {
        var text = new StringBuilder();
        text.Append('[').Append((nanoseconds / 1_000_000_000).ToString().PadLeft(5)).Append('.').Append((nanoseconds / 1000 % 1_000_000).ToString("d6")).Append("] ");
        return text.Append(message.Replace("\n", "\n              ", StringComparison.Ordinal)).ToString();
    }
}

/// <summary>The log with a module's name before each message. Task context.</summary>
public sealed class ModuleLog
{
    private readonly string _prefix;

    internal ModuleLog(string name)
    {
        _prefix = name + ": ";
    }

    /// <summary>Writes an error.</summary>
    public void Error(string message) => KernelLog.Error(_prefix + message);

    /// <summary>Writes a warning.</summary>
    public void Warning(string message) => KernelLog.Warning(_prefix + message);

    /// <summary>Writes information.</summary>
    public void Info(string message) => KernelLog.Info(_prefix + message);

    /// <summary>Writes for those who debug.</summary>
    public void Debug(string message) => KernelLog.Debug(_prefix + message);
}
