using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>Who opens device nodes, by device number.</summary>
public static class CharacterDevices
{
    private static readonly Mutex s_lock = new("character devices");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static Range[] s_ranges = [];

    /// <summary>Makes a device the one that opens nodes of some numbers. Task context.</summary>
    /// <param name="major">The major number; 0: one from 234 to 254 that nobody has, the highest first, as Linux does (devices.rst, "dynamic").</param>
    /// <param name="firstMinor">The first minor number.</param>
    /// <param name="count">How many minor numbers, 1 and up.</param>
    /// <param name="device">Who opens them.</param>
    /// <param name="name">What /proc/devices shows; empty for what it shows anyway.</param>
    /// <returns>The major number.</returns>
    /// <exception cref="InvalidOperationException">One of the numbers is taken, or no major number is free.</exception>
    [MightSleep]
    public static uint Register(uint major, uint firstMinor, uint count, CharacterDevice device, string name = "")
    {
        ArgumentNullException.ThrowIfNull(device);
        using (s_lock.Enter())
        {
            if (major == 0)
            {
                major = FindMajor();
            }

            var added = new Range(major, firstMinor, count, device, name);
            foreach (Range range in s_ranges)
            {
                if (range.Overlaps(added))
                {
                    throw new InvalidOperationException($"Character device {major}:{firstMinor} is taken.");
                }
            }

            Volatile.Write(ref s_ranges, [.. s_ranges, added]);
            return major;
        }
    }

    /// <summary>Takes all numbers of a device away from it: nobody can open it from then on. Task context.</summary>
    [MightSleep]
    public static void Unregister(CharacterDevice device)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_ranges, Array.FindAll(s_ranges, range => !ReferenceEquals(range.Device, device)));
        }
    }

    /// <summary>The major numbers that have a name, each name once, as /proc/devices shows them. Task context.</summary>
    [MightSleep]
    public static IReadOnlyCollection<(uint Major, string Name)> Names
    {
        get
        {
            var names = new SortedSet<(uint, string)>();
            foreach (Range range in Volatile.Read(ref s_ranges))
            {
                if (range.Name.Length > 0)
                {
                    names.Add((range.Major, range.Name));
                }
            }

            return names;
        }
    }

    /// <summary>Who opens nodes of a number; null for nobody: ENXIO. Any context.</summary>
    [NoAllocation]
    public static CharacterDevice? Find(DeviceNumber number)
    {
        foreach (Range range in Volatile.Read(ref s_ranges))
        {
            if (range.Contains(number))
            {
                return range.Device;
            }
        }

        return null;
    }

    [RequiresLock(nameof(s_lock))]
    private static uint FindMajor()
    {
        const uint Highest = 254;
        const uint Lowest = 234;
        for (uint major = Highest; major >= Lowest; major--)
        {
            if (!Array.Exists(s_ranges, range => range.Major == major))
            {
                return major;
            }
        }

        throw new InvalidOperationException("No major number is free for another character device.");
    }

    private sealed record Range(uint Major, uint First, uint Count, CharacterDevice Device, string Name)
    {
        public bool Contains(DeviceNumber number) => number.Major == Major && number.Minor - First < Count;

        public bool Overlaps(Range other) => Major == other.Major && (First - other.First < other.Count || other.First - First < Count);
    }
}
