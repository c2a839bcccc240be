using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Tracing;

/// <summary>All tracepoints: those of modules (<see cref="ModuleContext.AddTracepoint"/>) and the kernel's own. Task context.</summary>
public static class Tracepoints
{
    private static readonly Mutex s_lock = new("tracepoints");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static Tracepoint[] s_all = [];

    [GuardedBy(nameof(s_lock))]
    private static int s_lastId;

    /// <summary>Is told of tracepoints that come (true) and go; null before there are files for them.</summary>
    [Protocol("Set once at boot.")]
    internal static Action<Tracepoint, bool>? Listener { get; private set; }

    /// <summary>All, in the order in which they came. Any context.</summary>
    public static IReadOnlyList<Tracepoint> All => Volatile.Read(ref s_all);

    /// <summary>Records are written at all. Any context.</summary>
    public static bool IsOn
    {
        get => TraceRing.IsOn;
        set => TraceRing.IsOn = value;
    }

    /// <summary>Records that are kept, and those that were written since they were cleared. Any context.</summary>
    public static (long Kept, long Written) Count => TraceRing.Count;

    /// <summary>Records that each CPU keeps.</summary>
    public static int RecordsPerCpu => TraceRing.Capacity;

    /// <summary>The records of all CPUs, oldest first.</summary>
    public static IReadOnlyList<TraceRecord> Records => TraceRing.Snapshot();

    /// <summary>Takes the records of all CPUs, oldest first: they are in no other answer any more.</summary>
    [MightSleep]
    public static IReadOnlyList<TraceRecord> Take()
    {
        using (s_lock.Enter())
        {
            return TraceRing.Take();
        }
    }

    /// <summary>Forgets all records. Any context.</summary>
    public static void Clear() => TraceRing.Clear();

    /// <summary>Switches a tracepoint on or off.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for records.</exception>
    [MightSleep]
    public static void Enable(Tracepoint point, bool enabled)
    {
        ArgumentNullException.ThrowIfNull(point);
        using (s_lock.Enter())
        {
            if (enabled)
            {
                TraceRing.Prepare();
            }

            // One that is gone stays off.
            point.Set(enabled && Array.IndexOf(s_all, point) >= 0);
        }
    }

    /// <summary>The files about tracepoints exist: they are told of each, now and later. Once.</summary>
    [MightSleep]
    public static void Listen(Action<Tracepoint, bool> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        using (s_lock.Enter())
        {
            Listener = listener;
            foreach (Tracepoint point in s_all)
            {
                listener(point, true);
            }
        }
    }

    /// <summary>Adds one.</summary>
    /// <exception cref="ArgumentException">A name is no C identifier, or there are too many fields.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    internal static Tracepoint Add(string group, string name, TraceField[] fields)
    {
        CheckName(group);
        CheckName(name);
        int texts = Array.FindAll(fields, field => field.Kind == TraceFieldKind.Text).Length;
        if (texts > 1 || fields.Length - texts > Tracepoint.MostNumbers)
        {
            throw new ArgumentException($"Tracepoint {group}:{name} has more than {Tracepoint.MostNumbers} numbers, or more than one text.", nameof(fields));
        }

        using (s_lock.Enter())
        {
            if (Array.Exists(s_all, other => other.Group == group && other.Name == name))
            {
                throw new InvalidOperationException($"There is already a tracepoint {group}:{name}.");
            }

            var point = new Tracepoint(group, name, ++s_lastId, fields);
            Listener?.Invoke(point, true);
            Volatile.Write(ref s_all, [.. s_all, point]);
            return point;
        }
    }

    [MightSleep]
    internal static void Remove(Tracepoint point)
    {
        Action<Tracepoint, bool>? listener;
        using (s_lock.Enter())
        {
            point.Set(false);
            listener = Array.IndexOf(s_all, point) >= 0 ? Listener : null;
            Volatile.Write(ref s_all, Array.FindAll(s_all, other => !ReferenceEquals(other, point)));
        }

        // Not with the lock: who is writing to a file that goes is waited for, and wants it.
        listener?.Invoke(point, false);
    }

    internal static void CheckName(string name)
    {
        bool isName = !string.IsNullOrEmpty(name) && !char.IsAsciiDigit(name[0]);
        foreach (char c in name ?? "")
        {
            isName &= char.IsAsciiLetterOrDigit(c) || c == '_';
        }

        if (!isName)
        {
            throw new ArgumentException($"'{name}' is no C identifier.", nameof(name));
        }
    }
}
