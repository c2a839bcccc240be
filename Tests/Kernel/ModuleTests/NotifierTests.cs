using System;
using System.Collections.Generic;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Modules;

/// <summary>Events of the kernel that modules are told of, and messages that are limited.</summary>
public static class NotifierTests
{
    /// <summary>Handlers are called in order of priority; one that throws keeps nobody from being called; after the stop of its module none is.</summary>
    [KernelTest("module.notifiers_are_called_in_order")]
    public static void CalledInOrder()
    {
        List<string> order = [];
        using var scratch = new Scratch();
        ModuleEntry entry = scratch.Add("test-notified", context =>
        {
            context.AddNotifier(KernelNotifiers.ModuleChanges, change => order.Add($"low {change.Module.Name} {change.State}"), -1);
            context.AddNotifier(KernelNotifiers.ModuleChanges, change => order.Add($"first {change.Module.Name} {change.State}"));
            context.AddNotifier(KernelNotifiers.ModuleChanges, _ => throw new InvalidOperationException("handler failed on purpose"));
            context.AddNotifier(KernelNotifiers.ModuleChanges, change => order.Add($"high {change.Module.Name} {change.State}"), 5);
        });
        ModuleEntry other = scratch.Add("test-other", _ => { });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        order.Clear();
        Check.True(ModuleRegistry.Start(other), other.Failure ?? "it starts");
        Check.SequenceEqual<string>(["high test-other Live", "first test-other Live", "low test-other Live"], [.. order]);
        Check.Equal(2L, entry.Faults, "its own start, and the other's");
        order.Clear();
        ModuleRegistry.Stop(entry);
        int before = order.Count;
        ModuleRegistry.Stop(other);
        Check.Equal(before, order.Count, "calls after the stop");
        Check.True(before == 3 && order[0] == "high test-notified Going", string.Join(", ", order));
    }

    /// <summary>Stopping waits for a handler that is running.</summary>
    [KernelTest("module.a_stop_waits_for_notifiers")]
    public static void StopWaits()
    {
        using var scratch = new Scratch();
        var inside = new Completion("inside");
        var go = new Completion("go");
        ModuleEntry entry = scratch.Add("test-slow", context => context.AddNotifier(KernelNotifiers.MemoryShortages, shortage =>
        {
            inside.Complete();
            go.Wait();
            shortage.AddFreed(7);
        }));
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        var shortage = new MemoryShortage();
        TaskStruct caller = KernelTask.Start("caller", () => KernelNotifiers.MemoryShortages.Call(shortage));
        inside.Wait();
        TaskStruct stopper = KernelTask.Start("stopper", () => ModuleRegistry.Stop(entry));
        while (stopper.State != TaskState.Uninterruptible)
        {
            KernelTask.Sleep(1_000_000);
        }

        Check.Equal(0L, shortage.FreedPages);
        go.Complete();
        stopper.Join();
        caller.Join();
        Check.Equal(7L, shortage.FreedPages);
        Check.False(entry.IsRunning);
    }

    /// <summary>Ten messages in five seconds go through, and the next span begins with how many did not.</summary>
    [KernelTest("module.messages_are_limited")]
    public static void MessagesAreLimited()
    {
        const ulong Second = 1_000_000_000;
        var limit = new RateLimit();
        for (int i = 0; i < RateLimit.DefaultBurst; i++)
        {
            Check.True(limit.TryTake(Second + (ulong)i, out int none) && none == 0, "the first ones go through");
        }

        for (int i = 0; i < 3; i++)
        {
            Check.False(limit.TryTake(6 * Second, out _));
        }

        Check.Equal(3, limit.Missed);
        Check.True(limit.TryTake((6 * Second) + 1, out int suppressed), "a new span");
        Check.Equal(3, suppressed);
        Check.Equal(0, limit.Missed);
        using var scratch = new Scratch();
        var quick = new RateLimit(1_000, 2);
        for (ulong now = 1; now <= 5; now++)
        {
            quick.TryTake(now, out _);
        }

        ModuleEntry entry = scratch.Add("test-chatty", context => context.Log.WriteLimited(quick, LogLevel.Debug, "the last"));
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        List<string> lines = [];
        foreach (LogLine line in KernelLog.Lines)
        {
            if (line.Text.StartsWith("test-chatty: ", StringComparison.Ordinal))
            {
                lines.Add(line.Text[13..]);
            }
        }

        Check.SequenceEqual<string>(["3 callbacks suppressed", "the last"], [.. lines]);
    }
}
