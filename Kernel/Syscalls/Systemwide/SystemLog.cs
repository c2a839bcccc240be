using System;
using System.Globalization;
using System.Text;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Log;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>syslog(2), known to C programs as klogctl(3).</summary>
[SystemCall(103, "syslog", Support.Some, "SYSLOG_ACTION_READ gives whole lines: 0 when the next one does not fit.")]
internal sealed class SystemLog : SystemCall
{
    private const int Close = 0;
    private const int Open = 1;
    private const int Read = 2;
    private const int ReadAll = 3;
    private const int ReadClear = 4;
    private const int Clear = 5;
    private const int ConsoleOff = 6;
    private const int ConsoleOn = 7;
    private const int ConsoleLevel = 8;
    private const int SizeUnread = 9;
    private const int SizeBuffer = 10;
    private const int LongestLine = 256;

    // The first line that SYSLOG_ACTION_READ gives next, and that the others give.
    [Atomic]
    private static long s_unread;

    [Atomic]
    private static long s_cleared;

    [Atomic]
    private static int s_consoleBefore = -1;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int action = (int)registers.Rdi;
        int length = (int)registers.Rdx;
        if (action is < Close or > SizeBuffer)
        {
            return -(long)Errno.EINVAL;
        }

        Credentials mine = Credentials.Current;
        if (action is not (ReadAll or SizeBuffer) && !mine.Has(Capability.Syslog) && !mine.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        if (action is Read or ReadAll or ReadClear && (registers.Rsi == 0 || length < 0))
        {
            return -(long)Errno.EINVAL;
        }

        switch (action)
        {
            case Read:
                return ReadUnread(registers.Rsi, length);
            case ReadAll:
                return ReadLast(registers.Rsi, length);
            case ReadClear:
                long before = KernelLog.Written;
                long result = ReadLast(registers.Rsi, length);
                Volatile.Write(ref s_cleared, before);
                return result;
            case Clear:
                Volatile.Write(ref s_cleared, KernelLog.Written);
                return 0;
            case SizeUnread:
                return SizeOf(LinesFrom(Volatile.Read(ref s_unread)));
            case SizeBuffer:
                return (long)KernelLog.Capacity * LongestLine;
            default:
                return Console(action, length);
        }
    }

    private static long Console(int action, int level)
    {
        switch (action)
        {
            case ConsoleOff:
                Interlocked.CompareExchange(ref s_consoleBefore, (int)KernelLog.ConsoleLevel, -1);
                KernelLog.ConsoleLevel = LogLevel.Error;
                return 0;
            case ConsoleOn:
                int before = Interlocked.Exchange(ref s_consoleBefore, -1);
                KernelLog.ConsoleLevel = before >= 0 ? (LogLevel)before : KernelLog.ConsoleLevel;
                return 0;
            case ConsoleLevel:
                if (level is < 1 or > 8)
                {
                    return -(long)Errno.EINVAL;
                }

                // The interface's number is one more than that of the least urgent level that is shown; the kernel has the levels 3, 4, 6 and 7.
                KernelLog.ConsoleLevel = level switch
                {
                    <= 4 => LogLevel.Error,
                    5 or 6 => LogLevel.Warning,
                    7 => LogLevel.Info,
                    _ => LogLevel.Debug,
                };
                Interlocked.Exchange(ref s_consoleBefore, -1);
                return 0;
            default:
                return 0;
        }
    }

    [MightSleep]
    private static long ReadUnread([UserAddress] ulong address, int length)
    {
        long number = Volatile.Read(ref s_unread);
        if (length == 0)
        {
            return 0;
        }

        while (KernelLog.Written <= number)
        {
            if (!LogReaders.WaitForLine(number))
            {
                return -(long)Errno.ERESTARTSYS;
            }

            number = Volatile.Read(ref s_unread);
        }

        long total = 0;
        while (KernelLog.TryGet(ref number, out LogLine line))
        {
            byte[] text = Format(line);
            if (total + text.Length > length)
            {
                break;
            }

            if (!UserMemory.TryWrite(address + (ulong)total, text))
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }

            total += text.Length;
            number++;
            Volatile.Write(ref s_unread, number);
        }

        return total;
    }

    // As many of the last lines as fit.
    [MightSleep]
    private static long ReadLast([UserAddress] ulong address, int length)
    {
        ReadOnlySpan<LogLine> lines = LinesFrom(Volatile.Read(ref s_cleared));
        long size = SizeOf(lines);
        long total = 0;
        foreach (LogLine line in lines)
        {
            byte[] text = Format(line);
            if (size > length)
            {
                size -= text.Length;
                continue;
            }

            if (!UserMemory.TryWrite(address + (ulong)total, text))
            {
                return -(long)Errno.EFAULT;
            }

            total += text.Length;
        }

        return total;
    }

    // The lines that are kept from a number on.
    [MightSleep]
    private static ReadOnlySpan<LogLine> LinesFrom(long first)
    {
        // The number is read first: a line that comes in between is one more at the end.
        long written = KernelLog.Written;
        LogLine[] lines = KernelLog.Lines;
        long oldest = written - lines.Length;
        return lines.AsSpan((int)Math.Clamp(first - oldest, 0, lines.Length));
    }

    private static long SizeOf(ReadOnlySpan<LogLine> lines)
    {
        long size = 0;
        foreach (LogLine line in lines)
        {
            size += Format(line).Length;
        }

        return size;
    }

    private static byte[] Format(in LogLine line)
    {
        ulong microseconds = line.Nanoseconds / 1000;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<{Priority(line.Level)}>[{microseconds / 1_000_000,5}.{microseconds % 1_000_000:D6}] {line.Text}\n"));
    }

    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Info => 6,
        _ => 7,
    };
}
