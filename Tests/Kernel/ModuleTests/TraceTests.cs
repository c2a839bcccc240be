using System;
using System.Collections.Generic;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Modules.Tracing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Modules;

/// <summary>Tracepoints of modules.</summary>
public static class TraceTests
{
    /// <summary>Nothing is recorded while a tracepoint is off; what is recorded has the values, the task and the order; with the module it goes.</summary>
    [KernelTest("module.tracepoints_record_while_they_are_on")]
    public static void RecordWhileOn()
    {
        using var scratch = new Scratch();
        Tracepoint? point = null;
        ModuleEntry entry = scratch.Add("test-trace", context =>
        {
            point = context.AddTracepoint("passed", new TraceField("text", TraceFieldKind.Text), new TraceField("number"), new TraceField("address", TraceFieldKind.Hexadecimal));
            Check.Throws<InvalidOperationException>(() => context.AddTracepoint("passed"));
            Check.Throws<ArgumentException>(() => context.AddTracepoint("no name"));
            Check.Throws<ArgumentException>(() => context.AddTracepoint("five", new TraceField("a"), new TraceField("b"), new TraceField("c"), new TraceField("d"), new TraceField("e")));
        });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.Equal("test_trace", point!.Group);
        point.Record("off"u8, 1, 2);
        Tracepoints.Enable(point, true);
        point.Record("a text that is too long"u8, -3, 0x40);
        point.Record("short"u8, 4, 5);
        Tracepoints.Enable(point, false);
        point.Record("off"u8, 6, 7);
        List<TraceRecord> records = [];
        foreach (TraceRecord record in Tracepoints.Records)
        {
            if (ReferenceEquals(record.Point, point))
            {
                records.Add(record);
            }
        }

        Check.Equal(2, records.Count);
        Check.True(records[0].First == -3 && records[0].Second == 0x40 && records[0].TextLength == Tracepoint.LongestText, "the first record");
        Check.True(records[1].First == 4 && records[1].TextLength == 5 && records[1].TextLow == 0x74726F6873, "the second record");
        Check.True(records[0].Time <= records[1].Time && records[0].Pid == KernelTask.Current.Pid, "time and task");
        ModuleRegistry.Stop(entry);
        Tracepoints.Enable(point, true);
        Check.False(point.IsEnabled);
        Tracepoints.Clear();
        Check.Equal(0L, Tracepoints.Count.Kept);
    }

    /// <summary>More records than the ring holds: the last ones are there, in order.</summary>
    [KernelTest("module.trace_rings_keep_the_last_records")]
    public static void RingsKeepTheLast()
    {
        using var scratch = new Scratch();
        Tracepoint? point = null;
        ModuleEntry entry = scratch.Add("test-ring", context => point = context.AddTracepoint("turn", new TraceField("number", TraceFieldKind.Unsigned)));
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Tracepoints.Clear();
        Tracepoints.Enable(point!, true);
        int most = (Tracepoints.RecordsPerCpu * 3) + 5;
        for (int i = 1; i <= most; i++)
        {
            point!.Record(i);
        }

        long last = 0;
        foreach (TraceRecord record in Tracepoints.Records)
        {
            Check.True(record.First > last, "out of order");
            last = record.First;
        }

        Check.Equal((long)most, last);
        Check.Equal((long)most, Tracepoints.Count.Written);
        ModuleRegistry.Stop(entry);
        Tracepoints.Clear();
    }
}
