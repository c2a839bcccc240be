using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>What uname(2) and /proc/sys/kernel tell. Programs take the system for Linux of <see cref="Release"/>, whose interface it has. Any context.</summary>
public static class SystemNames
{
    /// <summary>The most bytes of a host or domain name (uname(2), __NEW_UTS_LEN).</summary>
    public const int LongestName = 64;

    /// <summary>sysname.</summary>
    public const string System = "Linux";

    /// <summary>release: the version of Linux whose interface programs find.</summary>
    public const string Release = "6.1.0-cosmos";

    /// <summary>version: what it is really.</summary>
    public const string Version = "#1 SMP PREEMPT CosmosKernel 0.1.0";

    /// <summary>machine.</summary>
    public const string Machine = "x86_64";

    [Atomic]
    private static string s_host = "(none)";

    [Atomic]
    private static string s_domain = "(none)";

    /// <summary>nodename: at most <see cref="LongestName"/> bytes (sethostname(2)); the caller has checked that and its rights.</summary>
    public static string Host
    {
        get => Volatile.Read(ref s_host);
        set => Volatile.Write(ref s_host, value);
    }

    /// <summary>domainname, as <see cref="Host"/> (setdomainname(2)).</summary>
    public static string Domain
    {
        get => Volatile.Read(ref s_domain);
        set => Volatile.Write(ref s_domain, value);
    }
}
