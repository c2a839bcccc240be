using System;
using System.Threading;
using CosmosKernel.Abi.Security;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>Which answers of filters are written to the kernel's log (/proc/sys/kernel/seccomp), and the lines.</summary>
internal static class SeccompLog
{
    private const ulong Interval = 5_000_000_000;
    private const int LinesInInterval = 10;

    [Immutable]
    private static readonly (string Name, SeccompAction Action)[] s_actions =
    [
        ("kill_process", SeccompAction.KillProcess),
        ("kill_thread", SeccompAction.KillThread),
        ("trap", SeccompAction.Trap),
        ("errno", SeccompAction.Error),
        ("user_notif", SeccompAction.Notify),
        ("trace", SeccompAction.Trace),
        ("log", SeccompAction.Log),
        ("allow", SeccompAction.Allow),
    ];

    // A bit for each of the above: all but the last.
    [Atomic]
    private static int s_logged = 0x7F;

    [Atomic]
    private static ulong s_intervalStart;

    [Atomic]
    private static int s_lines;

    /// <summary>Names of all actions, with spaces between.</summary>
    public static string Available => Names(0xFF);

    /// <summary>Names of those that are logged.</summary>
    public static string Logged => Names(Volatile.Read(ref s_logged));

    /// <summary>Sets which are logged; allowed calls never are.</summary>
    /// <param name="names">Names with spaces between.</param>
    /// <returns>False: an unknown name, or allow.</returns>
    public static bool TrySetLogged(ReadOnlySpan<byte> names)
    {
        int logged = 0;
        foreach (Range word in names.Split((byte)' '))
        {
            ReadOnlySpan<byte> name = names[word].Trim(" \t\n\0"u8);
            if (name.IsEmpty)
            {
                continue;
            }

            int index = Find(name);
            if (index < 0 || s_actions[index].Action == SeccompAction.Allow)
            {
                return false;
            }

            logged |= 1 << index;
        }

        Volatile.Write(ref s_logged, logged);
        return true;
    }

    /// <summary>Writes a line of a call, if its answer is logged: the end of a thread and SECCOMP_RET_LOG always, others if the filter says so. Not more than 10 lines in 5 seconds.</summary>
    public static void Note(UserThread thread, SeccompAction action, bool filterLogs, uint number, ulong address)
    {
        bool always = action is SeccompAction.KillProcess or SeccompAction.KillThread or SeccompAction.Log;
        if ((!always && !filterLogs) || action == SeccompAction.Allow)
        {
            return;
        }

        int index = Array.FindIndex(s_actions, row => row.Action == action);
        if (index >= 0 && (Volatile.Read(ref s_logged) & (1 << index)) != 0 && MayWrite())
        {
            Credentials rights = thread.Credentials;
            KernelLog.Info($"seccomp: {s_actions[index].Name} of pid {thread.Process.Id} ({thread.Task.Name}), uid {rights.UserId}: system call {(int)number} at 0x{address:x}");
        }
    }

    private static bool MayWrite()
    {
        ulong now = Clock.MonotonicNanoseconds;
        ulong start = Volatile.Read(ref s_intervalStart);
        if (now - start >= Interval && Interlocked.CompareExchange(ref s_intervalStart, now, start) == start)
        {
            Volatile.Write(ref s_lines, 0);
        }

        return Interlocked.Increment(ref s_lines) <= LinesInInterval;
    }

    private static int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < s_actions.Length; i++)
        {
            if (System.Text.Ascii.Equals(name, s_actions[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Names(int set)
    {
        string names = string.Empty;
        for (int i = 0; i < s_actions.Length; i++)
        {
            if ((set & (1 << i)) != 0)
            {
                names += names.Length == 0 ? s_actions[i].Name : " " + s_actions[i].Name;
            }
        }

        return names;
    }
}
