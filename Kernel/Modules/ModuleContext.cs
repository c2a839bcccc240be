using System;
using System.Collections.Generic;
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

    /// <summary>Makes the module the owner of any disposable thing.</summary>
    /// <exception cref="ObjectDisposedException">The module has been stopped.</exception>
    public T Own<T>(T resource)
        where T : IDisposable
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _owned.Add(resource);
        }

        return resource;
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

    /// <summary>Adds a console that shows what the kernel writes.</summary>
    public IDisposable AddConsoleOutput(ConsoleOutput output) => Own(KernelConsole.AddOutput(output));

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

    private sealed class OwnedTask(TaskStruct task) : IDisposable
    {
        public void Dispose()
        {
            task.Kill();
            task.Join();
        }
    }
}
