using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace CosmosKernel.Machine.Locking;

/// <summary>The lock classes of modules and of locks that are known by a name only, which register theirs when they are made.</summary>
public static class LockClasses
{
    /// <summary>The most classes in all.</summary>
    public const int Maximum = Validation.LockGraph.MaximumClasses;

    /// <summary>The most classes that can be registered.</summary>
    public const int MaximumRegistered = Maximum - (int)LockClass.DeclaredCount;

    // Names are only ever added: a slot is claimed by the exchange that writes its name, and read by anybody.
    [Atomic]
    private static NameTable s_names;

    [Atomic]
    private static NestsTable s_nests;

    /// <summary>
    /// Gives the class of this name, a new one when there is none yet. Task context; constructors of locks may call it each time. When there is no room, the class is
    /// <see cref="LockClass.Unclassified"/>, whose locks are not checked; a report says so.
    /// </summary>
    /// <param name="name">Says what the lock guards, unique in the kernel, such as <c>serial.line</c>.</param>
    /// <param name="nestsAscending">Several of its locks may be held together, taken in ascending order of their numbers.</param>
    public static LockClass Register(string name, bool nestsAscending = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        int start = (int)(Hash(name) % MaximumRegistered);
        for (int i = 0; i < MaximumRegistered; i++)
        {
            int slot = (start + i) % MaximumRegistered;
            string? there = Interlocked.CompareExchange(ref s_names[slot], name, null);
            if (there is null || there == name)
            {
                if (nestsAscending)
                {
                    Volatile.Write(ref s_nests[slot], true);
                }

                return (LockClass)((int)LockClass.DeclaredCount + slot);
            }
        }

        LockValidator.ReportNoRoomForClass();
        return LockClass.Unclassified;
    }

    /// <summary>True when several locks of the class may be held together, taken in ascending order of their numbers. Any context.</summary>
    public static bool NestsAscending(LockClass lockClass)
    {
        int slot = (int)lockClass - (int)LockClass.DeclaredCount;
        return slot >= 0 ? (uint)slot < MaximumRegistered && Volatile.Read(ref s_nests[slot]) : DeclaredLockClasses.NestsAscending(lockClass);
    }

    /// <summary>The name of a class; null when there is none. Task context.</summary>
    public static string? NameOf(LockClass lockClass)
    {
        string? registered = RegisteredName(lockClass);
        ReadOnlySpan<byte> declared = DeclaredLockClasses.NameOf(lockClass);
        return registered ?? (declared.IsEmpty ? null : System.Text.Encoding.ASCII.GetString(declared));
    }

    /// <summary>The name of a registered class; null for a declared one and for one that is not registered. Any context.</summary>
    internal static string? RegisteredName(LockClass lockClass)
    {
        int slot = (int)lockClass - (int)LockClass.DeclaredCount;
        return (uint)slot < MaximumRegistered ? Volatile.Read(ref s_names[slot]) : null;
    }

    // FNV-1a: names are short and few.
    private static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }

    [InlineArray(MaximumRegistered)]
    private struct NameTable
    {
        private string? _first;
    }

    [InlineArray(MaximumRegistered)]
    private struct NestsTable
    {
        private bool _first;
    }
}
