using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules;

/// <summary>
/// What one module may use, and the owner of what it registers. Every registration returns a handle whose disposal releases it early;
/// what is left is released when the module stops, last registered first. All members: task context.
/// </summary>
public sealed class ModuleContext
{
    private readonly object _lock = new();
    private readonly List<IDisposable> _owned = [];
    private bool _closed;

    internal ModuleContext(string moduleName)
    {
        ModuleName = moduleName;
        Log = new ModuleLog(moduleName);
    }

    /// <summary>The module's name.</summary>
    public string ModuleName { get; }

    /// <summary>Writes to the kernel log with the module's name.</summary>
    public ModuleLog Log { get; }

    /// <summary>Makes the module the owner of any disposable thing. When the module has been stopped, the thing is released at once.</summary>
    /// <exception cref="ObjectDisposedException">The module has been stopped.</exception>
    public T Own<T>(T resource)
        where T : IDisposable
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _owned.Add(resource);
                return resource;
            }
        }

        resource.Dispose();
        throw new ObjectDisposedException(nameof(ModuleContext), $"Module '{ModuleName}' has been stopped.");
    }

    /// <summary>Starts a task that belongs to the module: it is killed and joined when the module stops.</summary>
    public TaskStruct StartTask(string name, Action body)
    {
        TaskStruct task = KernelTask.Start(name, body);
        Own(new OwnedTask(task));
        return task;
    }

    /// <summary>Gives access to a range of ports, bounds-checked.</summary>
    /// <param name="first">First port.</param>
    /// <param name="count">Number of ports, 1 to 65,536 - <paramref name="first"/>.</param>
    public PortRange ClaimPorts(ushort first, int count) => Own(PortRange.Claim(ModuleName, first, count));

    /// <summary>Maps device memory, bounds-checked. Disposing the region takes the mapping away.</summary>
    /// <param name="physical">First byte; need not be at the start of a page.</param>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="caching">How the CPU treats accesses.</param>
    /// <exception cref="InvalidOperationException">A part of the range is RAM, or memory or addresses ran out.</exception>
    public MmioRegion MapDeviceMemory(ulong physical, long bytes, DeviceCaching caching)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        var region = new MmioRegion();
        return DeviceMemory.TryMap(region, physical, (nuint)bytes, caching)
            ? Own(region)
            : throw new InvalidOperationException($"0x{physical:x} to 0x{physical + (ulong)bytes - 1:x} cannot be mapped: it holds RAM, or memory ran out");
    }

    /// <summary>Serves one of the sixteen ISA interrupts; lines are shared, so the handler is called for others' interrupts too.</summary>
    /// <param name="number">0 to 15.</param>
    /// <param name="handler">Called in interrupt context, until the result is disposed: when that returns, it runs on no CPU.</param>
    /// <exception cref="InvalidOperationException">No interrupt controller has the line, or all vectors are taken.</exception>
    public IDisposable AddIsaInterrupt(int number, InterruptHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, IsaInterrupts.Count);
        int vector = DeviceInterrupts.AddIsa(number, handler);
        return vector != 0
            ? Own(new OwnedInterrupt(vector, handler))
            : throw new InvalidOperationException($"interrupt {number} cannot be served: no I/O APIC has the line, or all vectors are taken");
    }

    /// <summary>Adds a console that shows what the kernel writes.</summary>
    public IDisposable AddConsoleOutput(ConsoleOutput output) => Own(KernelConsole.AddOutput(output));

    /// <summary>Adds a console in place of others; they come back when the result is disposed.</summary>
    /// <param name="output">The new one.</param>
    /// <param name="replaced">Name of those that it replaces.</param>
    public IDisposable ReplaceConsoleOutput(ConsoleOutput output, string replaced) => Own(KernelConsole.ReplaceOutput(output, replaced));

    /// <summary>Takes part in panic reports: the kernel calls the output when it panics.</summary>
    public IDisposable AddPanicOutput(PanicOutput output)
    {
        PanicOutput.Add(output);
        return Own(new OwnedPanicOutput(output));
    }

    internal List<Exception> ReleaseAll()
    {
        IDisposable[] owned;
        lock (_lock)
        {
            _closed = true;
            owned = [.. _owned];
            _owned.Clear();
        }

        var failures = new List<Exception>();
        for (int i = owned.Length - 1; i >= 0; i--)
        {
            try
            {
                owned[i].Dispose();
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }

    private sealed class OwnedInterrupt(int vector, InterruptHandler handler) : IDisposable
    {
        private bool _removed;

        public void Dispose()
        {
            if (!_removed)
            {
                _removed = true;
                DeviceInterrupts.Remove(vector, handler);
            }
        }
    }

    private sealed class OwnedPanicOutput(PanicOutput output) : IDisposable
    {
        public void Dispose() => PanicOutput.Remove(output);
    }

    private sealed class OwnedTask(TaskStruct task) : IDisposable
    {
        public void Dispose()
        {
            task.Kill();
            task.Join();
        }
    }
}
