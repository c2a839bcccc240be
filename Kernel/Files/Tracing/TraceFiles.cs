using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Tracing;

namespace CosmosKernel.Files.Tracing;

/// <summary>/sys/kernel/tracing: what tracepoints there are, switches for them, and their records, with the names and formats of Linux's tracefs.</summary>
public static class TraceFiles
{
    private const string Top = "kernel/tracing/";
    private const uint RootReads = 0x120;
    private const uint RootWrites = 0x1A0;

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly Dictionary<Tracepoint, IDisposable[]> s_files = [];

    /// <summary>Makes the files. Once, at boot.</summary>
    [MightSleep]
    public static void Start()
    {
        SystemTree sys = SystemTree.Sys;
        sys.Add(Top + "available_events", to =>
        {
            foreach (Tracepoint point in Tracepoints.All)
            {
                to.Add(point.Group).Add(':').Add(point.Name).Line();
            }
        }, permissions: RootReads);
        sys.Add(Top + "trace", TraceText.Write, _ =>
        {
            Tracepoints.Clear();
            return Errno.Ok;
        }, RootWrites);
        sys.AddInode(Top + "trace_pipe", static fileSystem => new TracePipe(fileSystem));
        sys.Add(Top + "tracing_on", to => to.Add(Tracepoints.IsOn ? "1\n"u8 : "0\n"u8), text => Switch(text, on => Tracepoints.IsOn = on), RootWrites);
        sys.Add(Top + "current_tracer", to => to.Add("nop\n"u8), permissions: RootReads);
        sys.Add(Top + "available_tracers", to => to.Add("nop\n"u8), permissions: RootReads);
        sys.Add(Top + "buffer_total_entries", to => to.Add((long)Tracepoints.RecordsPerCpu * Machine.Cpus.Cpu.Count).Line(), permissions: RootReads);
        sys.Add(Top + "events/enable", to => State(to, _ => true), text => Switch(text, on => EnableAll(_ => true, on)), RootWrites);
        Tracepoints.Listen(Changed);
    }

    // A tracepoint comes or goes. A group has a switch as long as it has tracepoints.
    [MightSleep]
    private static void Changed(Tracepoint point, bool isThere)
    {
        if (!isThere)
        {
            IDisposable[]? files;
            lock (s_lock)
            {
                s_files.Remove(point, out files);
            }

            Array.ForEach(files ?? [], file => file.Dispose());

            return;
        }

        string folder = $"{Top}events/{point.Group}";
        List<IDisposable> made =
        [
            SystemTree.Sys.Add($"{folder}/{point.Name}/enable", to => to.Add(point.IsEnabled ? "1\n"u8 : "0\n"u8), text => Switch(text, on => Tracepoints.Enable(point, on)), RootWrites),
            SystemTree.Sys.Add($"{folder}/{point.Name}/format", to => TraceText.WriteFormat(to, point), permissions: RootReads),
            SystemTree.Sys.Add($"{folder}/{point.Name}/id", to => to.Add((long)point.Id).Line(), permissions: RootReads),
        ];
        string group = point.Group;
        try
        {
            made.Add(SystemTree.Sys.Add($"{folder}/enable", to => State(to, other => other.Group == group), text => Switch(text, on => EnableAll(other => other.Group == group, on)), RootWrites));
        }
        catch (InvalidOperationException)
        {
            // Another tracepoint of the group has made it.
        }

        lock (s_lock)
        {
            s_files[point] = [.. made];
        }
    }

    [MightSleep]
    private static void EnableAll(Predicate<Tracepoint> which, bool enabled)
    {
        foreach (Tracepoint point in Tracepoints.All)
        {
            if (which(point))
            {
                Tracepoints.Enable(point, enabled);
            }
        }
    }

    // As Linux: X when some are on and others are not.
    private static void State(TextBuilder to, Predicate<Tracepoint> which)
    {
        int on = 0;
        int off = 0;
        foreach (Tracepoint point in Tracepoints.All)
        {
            if (which(point))
            {
                on += point.IsEnabled ? 1 : 0;
                off += point.IsEnabled ? 0 : 1;
            }
        }

        to.Add(on == 0 ? '0' : off == 0 ? '1' : 'X').Line();
    }

    [MightSleep]
    private static Errno Switch(ReadOnlySpan<byte> text, Action<bool> set)
    {
        ReadOnlySpan<byte> word = text.Trim(" \t\n\0"u8);
        if (word.Length != 1 || word[0] is not ((byte)'0' or (byte)'1'))
        {
            return Errno.EINVAL;
        }

        set(word[0] == '1');
        return Errno.Ok;
    }
}
