using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Modules;

/// <summary>Modules start after those that they need, stop before them, and leave nothing behind.</summary>
public static class LifeTests
{
    // No PC has devices there.
    private const ushort FreePort = 0xFD00;

    /// <summary>What a module owns is released when it stops, last registered first, after its own <c>Stop</c>.</summary>
    [KernelTest("module.resources_are_released_in_reverse_order")]
    public static void ResourcesAreReleasedInReverseOrder()
    {
        List<string> order = [];
        using var scratch = new Scratch();
        ModuleEntry entry = scratch.Add("test-owner", context =>
        {
            for (int i = 1; i <= 3; i++)
            {
                context.Own(new Resource($"resource {i}", order));
            }
        }, () => order.Add("stop"));
        Check.True(ModuleRegistry.Start(entry), "it starts");
        ModuleRegistry.Stop(entry);
        Check.SequenceEqual(["stop", "resource 3", "resource 2", "resource 1"], [.. order]);
        Check.False(entry.IsRunning);
        Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
    }

    /// <summary>A resource that throws while it is released does not keep the others from it, and the log has it.</summary>
    [KernelTest("module.a_failing_release_does_not_stop_the_others")]
    public static void AFailingReleaseDoesNotStopTheOthers()
    {
        List<string> order = [];
        using var scratch = new Scratch();
        ModuleEntry entry = scratch.Add("test-bad-release", context =>
        {
            context.Own(new Resource("first", order));
            context.Own(new Resource("bad", order) { Throws = true });
            context.Own(new Resource("last", order));
        });
        Check.True(ModuleRegistry.Start(entry), "it starts");
        ModuleRegistry.Stop(entry);
        Check.SequenceEqual(["last", "bad", "first"], [.. order]);
        Check.True(IsLogged(LogLevel.Error, "test-bad-release"), "the log has the failure");
    }

    /// <summary>A module that throws in <c>Start</c> is refused, is not stopped, and what it had registered is gone.</summary>
    [KernelTest("module.a_module_that_throws_in_start_leaves_nothing")]
    public static void AModuleThatThrowsLeavesNothing()
    {
        List<string> order = [];
        using var scratch = new Scratch();
        TaskStruct? task = null;
        ModuleEntry entry = scratch.Add("test-thrower", context =>
        {
            context.Own(new Resource("resource", order));
            context.ClaimPorts(FreePort, 8);
            task = context.StartTask("orphan", () => KernelTask.SleepUntil(Scheduler.Never));
            throw new InvalidOperationException("start failed on purpose");
        }, () => order.Add("stop"));
        Check.False(ModuleRegistry.Start(entry));
        Check.False(entry.IsRunning);
        Check.True(entry.Failure!.Contains("start failed on purpose", StringComparison.Ordinal), "the reason is kept");
        Check.SequenceEqual(["resource"], [.. order]);
        Check.Equal(TaskState.Dead, task!.State);
        PortRange.Claim("test", FreePort, 8).Dispose();
    }

    /// <summary>A module starts after those that it depends on, whatever the order of the list, and one whose dependency fails is refused.</summary>
    [KernelTest("module.dependencies_start_first")]
    public static void DependenciesStartFirst()
    {
        List<string> order = [];
        using var scratch = new Scratch();
        ModuleEntry top = scratch.Add("test-top", _ => order.Add("top"), dependsOn: ["test-left", "test-right"]);
        ModuleEntry left = scratch.Add("test-left", _ => order.Add("left"), dependsOn: ["test-base"]);
        ModuleEntry right = scratch.Add("test-right", _ => order.Add("right"), dependsOn: ["test-base"]);
        ModuleEntry bottom = scratch.Add("test-base", _ => order.Add("base"));
        ModuleEntry broken = scratch.Add("test-broken", _ => throw new InvalidOperationException("broken on purpose"));
        ModuleEntry dependent = scratch.Add("test-dependent", _ => order.Add("dependent"), dependsOn: ["test-broken"]);
        ModuleEntry lonely = scratch.Add("test-lonely", _ => order.Add("lonely"), dependsOn: ["test-nowhere"]);
        ModuleRegistry.StartAll();
        Check.SequenceEqual(["base", "left", "right", "top"], [.. order]);
        Check.False(broken.IsRunning || dependent.IsRunning || lonely.IsRunning);
        Check.True(dependent.Failure!.Contains("'test-broken'", StringComparison.Ordinal), dependent.Failure);
        Check.True(lonely.Failure!.Contains("'test-nowhere'", StringComparison.Ordinal), lonely.Failure);

        // Stopping goes the other way, and is refused while somebody depends on it.
        foreach (ModuleEntry used in (ModuleEntry[])[bottom, left, right])
        {
            InvalidOperationException refused = Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(used));
            Check.True(refused.Message.Contains("in use by", StringComparison.Ordinal), refused.Message);
            Check.True(used.IsRunning, "it still runs");
        }

        Array.ForEach([top, left, right, bottom], ModuleRegistry.Stop);
    }

    /// <summary>Modules that depend on each other are refused, all of them.</summary>
    [KernelTest("module.a_circle_of_dependencies_is_refused")]
    public static void ACircleIsRefused()
    {
        using var scratch = new Scratch();
        ModuleEntry[] circle = [.. Enumerable.Range(0, 3).Select(i => scratch.Add($"test-circle-{i}", _ => { }, dependsOn: [$"test-circle-{(i + 1) % 3}"]))];
        Check.False(ModuleRegistry.Start(circle[0]));
        Check.False(circle.Any(entry => entry.IsRunning));
        Check.True(circle.Any(entry => entry.Failure!.Contains("circle", StringComparison.Ordinal)), "the reason names the circle");
    }

    /// <summary>Tasks of a module are killed and joined when it stops: none is left, however it waits.</summary>
    [KernelTest("module.its_tasks_end_with_it")]
    public static void ItsTasksEndWithIt()
    {
        List<TaskStruct> tasks = [];
        using var scratch = new Scratch();
        ModuleEntry entry = scratch.Add("test-tasks", context =>
        {
            tasks.Add(context.StartTask("sleeps", () => KernelTask.SleepUntil(Scheduler.Never)));
            tasks.Add(context.StartTask("waits", () => new Tasks.Waiting.Semaphore("never", 0).Wait(mode: Tasks.Waiting.WaitMode.Interruptible)));
            tasks.Add(context.StartTask("checks", () =>
            {
                while (!KernelTask.Current.IsKilled)
                {
                    KernelTask.Yield();
                }
            }));
            tasks.Add(context.StartTask("has ended", () => { }));
        });
        Check.True(ModuleRegistry.Start(entry), "it starts");
        KernelTask.Sleep(5_000_000);
        ModuleRegistry.Stop(entry);
        foreach (TaskStruct task in tasks)
        {
            Check.Equal(TaskState.Dead, task.State, task.Name);
            Check.True(TaskTable.Find(task.Pid) is null || !ReferenceEquals(TaskTable.Find(task.Pid), task), $"{task.Name} is in no table");
        }
    }

    /// <summary>A range of ports has one owner; the refusal names it. Accesses outside the range are refused.</summary>
    [KernelTest("module.ports_have_one_owner")]
    public static void PortsHaveOneOwner()
    {
        using var scratch = new Scratch();
        PortRange? ports = null;
        ModuleEntry first = scratch.Add("test-first", context => ports = context.ClaimPorts(FreePort, 16));
        ModuleEntry second = scratch.Add("test-second", context => context.ClaimPorts(FreePort + 15, 4));
        Check.True(ModuleRegistry.Start(first), "the first one starts");
        Check.False(ModuleRegistry.Start(second));
        Check.True(second.Failure!.Contains("test-first", StringComparison.Ordinal), second.Failure);
        Check.Throws<ArgumentOutOfRangeException>(() => ports!.Read8(16));
        Check.Throws<ArgumentOutOfRangeException>(() => ports!.Read8(-1));
        Check.Throws<ArgumentOutOfRangeException>(() => ports!.Read16(15));
        Check.Throws<ArgumentOutOfRangeException>(() => ports!.Write32(13, 0));
        Check.Equal((byte)0xFF, ports!.Read8(15), "a port without a device");
        ModuleRegistry.Stop(first);
        Check.True(ModuleRegistry.Start(second), "the second one starts when the first has stopped");
        Check.Throws<ArgumentOutOfRangeException>(() => PortRange.Claim("test", 0xFFFF, 2));
        Check.Throws<ArgumentOutOfRangeException>(() => PortRange.Claim("test", FreePort, 0));
    }

    /// <summary>Device memory is mapped within its bounds and never over RAM.</summary>
    [KernelTest("module.device_memory_is_bounded_and_never_ram")]
    public static void DeviceMemoryIsBounded()
    {
        const ulong ioApic = 0xFEC0_0000;
        using var scratch = new Scratch();
        MmioRegion? registers = null;
        Exception? ram = null;
        ModuleEntry entry = scratch.Add("test-mmio", context =>
        {
            registers = context.MapDeviceMemory(ioApic, 0x20, DeviceCaching.Uncached);
            ram = Check.Throws<InvalidOperationException>(() => context.MapDeviceMemory(0x100_0000, 4096, DeviceCaching.Uncached));
        });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        Check.True(ram!.Message.Contains("RAM", StringComparison.Ordinal), ram.Message);
        Check.Equal(0x20L, registers!.Length);
        Check.True(registers.Read32(0x10) != uint.MaxValue, "the I/O APIC answers");
        Check.Throws<ArgumentOutOfRangeException>(() => registers.Read32(0x1D));
        Check.Throws<ArgumentOutOfRangeException>(() => registers.Read8(-1));
        ModuleRegistry.Stop(entry);
        Check.Equal(0L, registers.Length);
        Check.Throws<ArgumentOutOfRangeException>(() => registers.Read8(0));
    }

    /// <summary>Handlers of a shared interrupt line are all called, and none after its module has stopped.</summary>
    [KernelTest("module.interrupt_handlers_end_with_it")]
    public static void InterruptHandlersEndWithIt()
    {
        const int unusedLine = 5;
        using var scratch = new Scratch();
        var handler = new QuietHandler();
        ModuleEntry entry = scratch.Add("test-irq", context =>
        {
            context.AddIsaInterrupt(unusedLine, handler);
            context.AddIsaInterrupt(unusedLine, new QuietHandler());
            Check.Throws<ArgumentOutOfRangeException>(() => context.AddIsaInterrupt(16, handler));
        });
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "it starts");
        ModuleRegistry.Stop(entry);
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "the line can be taken again");
    }

    /// <summary>A context cannot be used after its module has stopped.</summary>
    [KernelTest("module.a_stopped_module_can_own_nothing")]
    public static void AStoppedModuleOwnsNothing()
    {
        using var scratch = new Scratch();
        ModuleContext? kept = null;
        ModuleEntry entry = scratch.Add("test-late", context => kept = context);
        Check.True(ModuleRegistry.Start(entry), "it starts");
        ModuleRegistry.Stop(entry);
        List<string> order = [];
        Check.Throws<ObjectDisposedException>(() => kept!.Own(new Resource("late", order)));
        Check.Throws<ObjectDisposedException>(() => kept!.ClaimPorts(FreePort, 4));
        PortRange.Claim("test", FreePort, 4).Dispose();
        Check.Throws<ObjectDisposedException>(() => kept!.StartTask("late", () => KernelTask.SleepUntil(Scheduler.Never)));
        ulong limit = Clock.MonotonicNanoseconds + 120_000_000_000;
        while (IsThere("late") && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(1_000_000);
        }

        Check.False(IsThere("late"), "no task is left");
    }

    // By name: other tasks come and go meanwhile.
    private static bool IsThere(string name)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (task.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLogged(LogLevel level, string text) =>
        KernelLog.Lines.Any(line => line.Level == level && line.Text.Contains(text, StringComparison.Ordinal));

    private sealed class Resource(string name, List<string> order) : IDisposable
    {
        public bool Throws { get; init; }

        public void Dispose()
        {
            order.Add(name);
            if (Throws)
            {
                throw new InvalidOperationException("release failed on purpose");
            }
        }
    }

    private sealed class QuietHandler : InterruptHandler
    {
        public override string Name => "test";

        public override bool Handle() => false;
    }
}
