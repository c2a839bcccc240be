using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Block;

/// <summary>All disks, their names and numbers.</summary>
public static class Disks
{
    private const uint HighestDynamicMajor = 254;
    private const uint LowestDynamicMajor = 234;
    private const int HighestMinor = 1 << 20;

    private static readonly Mutex s_lock = new("disks");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static Disk[] s_disks = [];

    // Which prefix has which dynamic major number; it keeps it.
    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<string, uint> s_majors = [];

    // Places that are taken: by prefix and index.
    [GuardedBy(nameof(s_lock))]
    private static readonly HashSet<string> s_taken = [];

    [GuardedBy(nameof(s_lock))]
    private static DiskListener? s_listener;

    /// <summary>All of them now. Any context.</summary>
    public static ReadOnlySpan<Disk> All => Volatile.Read(ref s_disks);

    /// <summary>Major numbers and the prefixes that have them, for /proc/devices. Task context.</summary>
    [MightSleep]
    public static List<KeyValuePair<string, uint>> Majors
    {
        get
        {
            using (s_lock.Enter())
            {
                return [.. s_majors];
            }
        }
    }

    /// <summary>The disk with a name; null when there is none. Any context.</summary>
    public static Disk? Find(string name)
    {
        foreach (Disk disk in All)
        {
            if (disk.Name == name)
            {
                return disk;
            }
        }

        return null;
    }

    /// <summary>Who hears of disks from now on, and of those that are there at once. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Listen(DiskListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        using (s_lock.Enter())
        {
            s_listener = listener;
            foreach (Disk disk in s_disks)
            {
                listener.Added(disk);
            }
        }
    }

    /// <summary>The name of a disk: <c>vda</c> to <c>vdz</c>, <c>vdaa</c> and so on, or with a number.</summary>
    internal static string NameOf(string prefix, int index, bool isNumbered)
    {
        if (isNumbered)
        {
            return prefix + index.ToString(CultureInfo.InvariantCulture);
        }

        string letters = "";
        for (int rest = index; rest >= 0; rest = (rest / 26) - 1)
        {
            letters = (char)('a' + (rest % 26)) + letters;
        }

        return prefix + letters;
    }

    [MightSleep]
    internal static Disk Add(Func<string, uint, uint, Disk> make, DiskOptions options)
    {
        using (s_lock.Enter())
        {
            int index = 0;
            string name = NameOf(options.Prefix, index, options.IsNumbered);
            while (s_taken.Contains(name))
            {
                name = NameOf(options.Prefix, ++index, options.IsNumbered);
            }

            if ((ulong)index * options.Minors + options.Minors > HighestMinor)
            {
                throw new InvalidOperationException($"{options.Prefix}: no device number is left");
            }

            Disk disk = make(name, MajorOf(options), (uint)index * options.Minors);
            s_taken.Add(name);
            Volatile.Write(ref s_disks, [.. s_disks, disk]);
            try
            {
                s_listener?.Added(disk);
            }
            catch
            {
                // Its driver gives it up: nobody may find it.
                s_taken.Remove(name);
                Volatile.Write(ref s_disks, Array.FindAll(s_disks, other => other != disk));
                s_listener!.Leaving(disk);
                s_listener!.Removed(disk);
                throw;
            }

            return disk;
        }
    }

    [MightSleep]
    internal static void Leaving(Disk disk)
    {
        using (s_lock.Enter())
        {
            s_listener?.Leaving(disk);
        }
    }

    [MightSleep]
    internal static void Changed(Disk disk)
    {
        using (s_lock.Enter())
        {
            s_listener?.Changed(disk);
        }
    }

    [MightSleep]
    internal static Errno RereadPartitions(Disk disk)
    {
        using (s_lock.Enter())
        {
            return s_listener?.RereadPartitions(disk) ?? Errno.ENXIO;
        }
    }

    // The name is free again.
    [MightSleep]
    internal static void Remove(Disk disk)
    {
        using (s_lock.Enter())
        {
            s_listener?.Removed(disk);
            s_taken.Remove(disk.Name);
            Volatile.Write(ref s_disks, Array.FindAll(s_disks, other => !ReferenceEquals(other, disk)));
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static uint MajorOf(DiskOptions options)
    {
        if (s_majors.TryGetValue(options.Prefix, out uint major))
        {
            return major;
        }

        if (options.Major != 0)
        {
            s_majors[options.Prefix] = options.Major;
            return options.Major;
        }

        for (major = HighestDynamicMajor; major >= LowestDynamicMajor; major--)
        {
            if (!s_majors.ContainsValue(major))
            {
                s_majors[options.Prefix] = major;
                return major;
            }
        }

        throw new InvalidOperationException($"{options.Prefix}: no major device number is left");
    }
}
