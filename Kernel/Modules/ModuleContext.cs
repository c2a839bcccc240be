using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Modules;

/// <summary>
/// What one module may use, and the owner of what it registers. Every registration returns a handle whose disposal releases it early;
/// what is left is released when the module stops, last registered first. All members: task context.
/// </summary>
public sealed partial class ModuleContext
{
    // Of _uses: nobody can begin to use the module.
    private const int NotLive = -1;

    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly List<IDisposable> _owned = [];

    [GuardedBy(nameof(_lock))]
    private bool _closed;

    // Who uses the module now; NotLive before it has started and from the moment on that it is to stop. Of this run, not of the module: what somebody still holds of an earlier run must not begin a use of
    // the next one.
    [Atomic]
    private int _uses = NotLive;

    internal ModuleContext(ModuleEntry module)
    {
        Module = module;
        Log = new ModuleLog(module.Name);
    }

    /// <summary>The module.</summary>
    public ModuleEntry Module { get; }

    /// <summary>The module's name.</summary>
    public string ModuleName => Module.Name;

    /// <summary>How many use it now: modules that depend on it, and whoever holds something of it open. Outdated at once. Any context.</summary>
    public int Uses => Math.Max(Volatile.Read(ref _uses), 0);

    /// <summary>Writes to the kernel log with the module's name.</summary>
    public ModuleLog Log { get; }

    /// <summary>Begins a use of the module as it was started with this context: until <see cref="Put"/> it is not stopped. Any context.</summary>
    /// <returns>False when it has not started yet, or is stopping or was stopped, also if it has been started again since: whoever asks treats its things as gone.</returns>
    [NoAllocation]
    public bool TryGet()
    {
        int uses = Volatile.Read(ref _uses);
        while (uses != NotLive)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
            {
                return true;
            }

            uses = seen;
        }

        return false;
    }

    /// <summary>Ends a use that <see cref="TryGet"/> began. Any context.</summary>
    [NoAllocation]
    public void Put() => Interlocked.Decrement(ref _uses);

    /// <summary>Makes the module the owner of any disposable thing, which is disposed when the module stops, if it was not before. When the module has been stopped, the thing is released at once.</summary>
    /// <exception cref="ObjectDisposedException">The module has been stopped.</exception>
    [MightSleep]
    public T Own<T>(T resource)
        where T : IDisposable
    {
        if (TryOwn(resource))
        {
            return resource;
        }

        resource.Dispose();
        throw Stopped();
    }

    /// <summary>Disposes of a thing of the module's early, and forgets it: for what comes and goes while the module runs.</summary>
    [MightSleep]
    public void Release(IDisposable resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Disown(resource);
        resource.Dispose();
    }


    /// <summary>Gives access to a range of ports, bounds-checked.</summary>
    /// <param name="first">First port.</param>
    /// <param name="count">Number of ports, 1 to 65,536 - <paramref name="first"/>.</param>
    [MightSleep]
    public PortRange ClaimPorts(ushort first, int count) => Own(PortRange.Claim(ModuleName, first, count));

    /// <summary>Maps device memory, bounds-checked. Disposing the region takes the mapping away.</summary>
    /// <param name="physical">First byte; need not be at the start of a page.</param>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="caching">How the CPU treats accesses.</param>
    /// <exception cref="InvalidOperationException">A part of the range is RAM, or memory or addresses ran out.</exception>
    [MightSleep]
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
    [MightSleep]
    public IDisposable AddIsaInterrupt(int number, InterruptHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, IsaInterrupts.Count);
        return AddInterrupt(IsaInterrupts.Line(number), handler);
    }

    /// <summary>Serves an input of the I/O APICs; lines are shared, so the handler is called for others' interrupts too. A handler of a level-triggered line quietens its device before it returns.</summary>
    /// <param name="line">The input, and how it is wired.</param>
    /// <param name="handler">Called in interrupt context, until the result is disposed: when that returns, it runs on no CPU.</param>
    /// <exception cref="InvalidOperationException">No interrupt controller has the line, or all vectors are taken.</exception>
    [MightSleep]
    public IDisposable AddInterrupt(InterruptLine line, InterruptHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var threaded = handler as ThreadedInterruptHandler;
        threaded?.StartThread();
        int vector = DeviceInterrupts.Add(line, handler);
        if (vector != 0)
        {
            return Own(new OwnedInterrupt(vector, handler));
        }

        threaded?.StopThread();
        throw new InvalidOperationException($"interrupt {line.GlobalInterrupt} cannot be served: no I/O APIC has the line, or all vectors are taken");
    }

    /// <summary>Adds a console that shows what the kernel writes.</summary>
    [MightSleep]
    public IDisposable AddConsoleOutput(ConsoleOutput output) => Own(KernelConsole.AddOutput(output));

    /// <summary>Adds a console in place of others; they come back when the result is disposed.</summary>
    /// <param name="output">The new one.</param>
    /// <param name="replaced">Name of those that it replaces.</param>
    [MightSleep]
    public IDisposable ReplaceConsoleOutput(ConsoleOutput output, string replaced) => Own(KernelConsole.ReplaceOutput(output, replaced));

    /// <summary>Takes part in panic reports: the kernel calls the output when it panics.</summary>
    [MightSleep]
    public IDisposable AddPanicOutput(PanicOutput output)
    {
        PanicOutput.Add(output);
        return Own(new OwnedPanicOutput(output));
    }

    /// <summary>From now on it can be used.</summary>
    internal void GoLive() => Volatile.Write(ref _uses, 0);

    /// <summary>Nobody can begin to use it from now on. False when somebody does: nothing has changed then.</summary>
    internal bool TryRetire() => Interlocked.CompareExchange(ref _uses, NotLive, 0) == 0;

    internal List<Exception> ReleaseAll()
    {
        var failures = new List<Exception>();
        while (Last() is { } resource)
        {
            try
            {
                resource.Dispose();
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }

            Disown(resource);
        }

        return failures;
    }

    /// <summary>Whether the module owns a thing, or what stands for it. Task context.</summary>
    [MightSleep]
    internal bool Owns(object thing)
    {
        lock (_lock)
        {
            foreach (IDisposable owned in _owned)
            {
                if (ReferenceEquals(owned, thing) || (owned is OwnedThing wrapped && ReferenceEquals(wrapped.Thing, thing)))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private ObjectDisposedException Stopped() => new(nameof(ModuleContext), $"Module '{ModuleName}' has been stopped.");

    // False when the module has been stopped: the caller gives the thing back.
    [MightSleep]
    private bool TryOwn(IDisposable resource)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _owned.Add(resource);
            }

            return !_closed;
        }
    }

    // A resource that is being released is still the module's: what fails in it is reported by its name. Nothing is added any more.
    [MightSleep]
    private IDisposable? Last()
    {
        lock (_lock)
        {
            _closed = true;
            return _owned.Count > 0 ? _owned[^1] : null;
        }
    }

    [MightSleep]
    private void Disown(IDisposable resource)
    {
        lock (_lock)
        {
            int index = _owned.LastIndexOf(resource);
            if (index >= 0)
            {
                _owned.RemoveAt(index);
            }
        }
    }

    private sealed class OwnedInterrupt(int vector, InterruptHandler handler) : IDisposable
    {
        [Atomic]
        private int _removed;

        public void Dispose()
        {
            // The module itself and its end may both come here.
            if (Interlocked.Exchange(ref _removed, 1) == 0)
            {
                DeviceInterrupts.Remove(vector, handler);
                (handler as ThreadedInterruptHandler)?.StopThread();
            }
        }
    }

    private sealed class OwnedPanicOutput(PanicOutput output) : IDisposable
    {
        public void Dispose() => PanicOutput.Remove(output);
    }
}
