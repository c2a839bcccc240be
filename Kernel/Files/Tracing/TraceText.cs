using System;
using System.Collections.Generic;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Tracing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Files.Tracing;

/// <summary>Records as ftrace writes them (Documentation/trace/ftrace.rst, "Output format").</summary>
internal static class TraceText
{
    private const ulong NanosecondsPerMicrosecond = 1_000;
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>All records, with ftrace's heading.</summary>
    public static void Write(TextBuilder to)
    {
        (long kept, long written) = Tracepoints.Count;
        to.Add("# tracer: nop\n#\n# entries-in-buffer/entries-written: "u8).Add(kept).Add('/').Add(written).Add("   #P:"u8).Add((long)Cpu.Count).Add(
            """

            #
            #                                _-----=> irqs-off/BH-disabled
            #                               / _----=> need-resched
            #                              | / _---=> hardirq/softirq
            #                              || / _--=> preempt-depth
            #                              ||| / _-=> migrate-disable
            #                              |||| /     delay
            #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
            #              | |         |   |||||     |         |

            """u8);
        foreach (TraceRecord record in Tracepoints.Records)
        {
            Write(to, record);
        }
    }

    /// <summary>Takes all records, without a heading: nobody else gets them.</summary>
    [MightSleep]
    public static void Take(TextBuilder to)
    {
        foreach (TraceRecord record in Tracepoints.Take())
        {
            Write(to, record);
        }
    }

    /// <summary>The layout of a tracepoint's records, as a file <c>format</c>.</summary>
    public static void WriteFormat(TextBuilder to, Tracepoint point)
    {
        to.Add("name: "u8).Add(point.Name).Add("\nID: "u8).Add((long)point.Id).Add("\nformat:\n"u8);
        int offset = 0;
        var shown = new List<string>();
        foreach (TraceField field in point.Fields)
        {
            (string type, int size, bool isSigned, string form) = field.Kind switch
            {
                TraceFieldKind.Text => ("char", Tracepoint.LongestText, true, "%s"),
                TraceFieldKind.Unsigned => ("u64", sizeof(ulong), false, "%llu"),
                TraceFieldKind.Hexadecimal => ("u64", sizeof(ulong), false, "0x%llx"),
                _ => ("s64", sizeof(long), true, "%lld"),
            };
            string name = field.Kind == TraceFieldKind.Text ? $"{field.Name}[{size}]" : field.Name;
            to.Add("\tfield:"u8).Add(type).Add(' ').Add(name).Add(";\toffset:"u8).Add((long)offset).Add(";\tsize:"u8).Add((long)size).Add(";\tsigned:"u8).Add(isSigned ? 1L : 0L).Add(";\n"u8);
            offset += size;
            shown.Add($"{field.Name}={form}");
        }

        to.Add("\nprint fmt: \""u8).Add(string.Join(' ', shown)).Add('"');
        foreach (TraceField field in point.Fields)
        {
            to.Add(", REC->"u8).Add(field.Name);
        }

        to.Line();
    }

    private static void Write(TextBuilder to, in TraceRecord record)
    {
        // As ftrace: a task that has ended has no name any more.
        string task = record.Pid == 0 ? "<idle>" : TaskTable.Find(record.Pid)?.Name ?? "<...>";
        to.Fill(16 - task.Length, ' ').Add(task).Add('-').AddLeft(record.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), 7).Add(" ["u8).AddRight(record.Cpu, 3, '0').Add("] "u8);
        to.Add((record.Flags & TraceFlags.InterruptsOff) != 0 ? 'd' : '.').Add('.').Add((record.Flags & TraceFlags.HardInterrupt) != 0 ? 'h' : '.');
        if (record.PreemptDepth == 0)
        {
            to.Add('.');
        }
        else
        {
            to.AddHex(Math.Min(record.PreemptDepth, 15u));
        }

        ulong microseconds = record.Time / NanosecondsPerMicrosecond;
        to.Add(". "u8).AddRight((long)(microseconds / MicrosecondsPerSecond), 5).Add('.').AddRight((long)(microseconds % MicrosecondsPerSecond), 6, '0').Add(": "u8).Add(record.Point!.Name).Add(':');
        int number = 0;
        foreach (TraceField field in record.Point.Fields)
        {
            to.Add(' ').Add(field.Name).Add('=');
            if (field.Kind == TraceFieldKind.Text)
            {
                AddText(to, record);
                continue;
            }

            long value = number++ switch
            {
                0 => record.First,
                1 => record.Second,
                2 => record.Third,
                _ => record.Fourth,
            };
            _ = field.Kind switch
            {
                TraceFieldKind.Hexadecimal => to.Add("0x"u8).AddHex((ulong)value),
                TraceFieldKind.Unsigned => to.Add((ulong)value),
                _ => to.Add(value),
            };
        }

        to.Line();
    }

    private static void AddText(TextBuilder to, in TraceRecord record)
    {
        for (int i = 0; i < record.TextLength; i++)
        {
            ulong part = i < sizeof(ulong) ? record.TextLow : record.TextHigh;
            to.Add((byte)(part >> (8 * (i % sizeof(ulong)))));
        }
    }
}
