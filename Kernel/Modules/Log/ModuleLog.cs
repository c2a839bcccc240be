using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Log;

/// <summary>The log with a module's name before each message. Task context.</summary>
public sealed class ModuleLog
{
    private readonly string _name;

    internal ModuleLog(string name)
    {
        _name = name;
    }

    /// <summary>Writes a message of any importance.</summary>
    [MightSleep]
    public void Write(LogLevel level, string message) => KernelLog.Write(level, $"{_name}: {message}");

    /// <summary>
    /// Writes a message unless there were too many: for what a device or a program can cause as often as it likes. Once messages go through again, a line before tells how many did not,
    /// in Linux's words: <c>NAME: N callbacks suppressed</c>.
    /// </summary>
    /// <param name="limit">Counts; one for each kind of message, kept by the module.</param>
    /// <param name="level">Importance.</param>
    /// <param name="message">The message.</param>
    [MightSleep]
    public void WriteLimited(RateLimit limit, LogLevel level, string message)
    {
        ArgumentNullException.ThrowIfNull(limit);
        bool passes = limit.TryTake(out int suppressed);
        if (suppressed > 0)
        {
            KernelLog.Write(LogLevel.Warning, $"{_name}: {suppressed} callbacks suppressed");
        }

        if (passes)
        {
            Write(level, message);
        }
    }

    /// <summary>Writes an error.</summary>
    [MightSleep]
    public void Error(string message) => Write(LogLevel.Error, message);

    /// <summary>Writes a warning.</summary>
    [MightSleep]
    public void Warning(string message) => Write(LogLevel.Warning, message);

    /// <summary>Writes what is normal but significant.</summary>
    [MightSleep]
    public void Notice(string message) => Write(LogLevel.Notice, message);

    /// <summary>Writes information.</summary>
    [MightSleep]
    public void Info(string message) => Write(LogLevel.Info, message);

    /// <summary>Writes for those who debug.</summary>
    [MightSleep]
    public void Debug(string message) => Write(LogLevel.Debug, message);
}
