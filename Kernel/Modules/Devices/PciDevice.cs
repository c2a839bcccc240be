using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// A PCI function that one owner has claimed, and the owner of what is taken of it: mappings, ports, interrupts, DMA buffers. When it is released, the device is no bus master any more and
/// interrupts nobody; then what it gave is released, last first. Task context, except where a member says otherwise.
/// </summary>
public sealed class PciDevice : IDisposable
{
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly List<IDisposable> _owned = [];

    [GuardedBy(nameof(_lock))]
    private bool _released;

    [GuardedBy(nameof(_lock))]
    private PciInterrupts? _interrupts;

    private PciDevice(PciDeviceInfo info, string owner)
    {
        Info = info;
        Owner = owner;
    }

    /// <summary>What is known of the device.</summary>
    public PciDeviceInfo Info { get; }

    /// <summary>Who has claimed it.</summary>
    public string Owner { get; }

    /// <summary>Its configuration space, to read and to write. Any context but NMI. Who writes the header, or to capabilities that this class manages (MSI, MSI-X), breaks the device.</summary>
    public PciConfigurationSpace Config => Info.Config;

    /// <summary>Claims a device.</summary>
    /// <param name="info">Which.</param>
    /// <param name="owner">Who, for messages and sysfs.</param>
    /// <param name="device">The claim.</param>
    /// <returns>False when another owner has it.</returns>
    /// <exception cref="InvalidOperationException">The device cannot be used.</exception>
    [MightSleep]
    internal static bool TryClaim(PciDeviceInfo info, string owner, [NotNullWhen(true)] out PciDevice? device)
    {
        if (info.Problem is { } problem)
        {
            throw new InvalidOperationException($"{info} cannot be used: {problem}");
        }

        device = new PciDevice(info, owner);
        if (!PciBus.TryTake(info, device))
        {
            device = null;
            return false;
        }

        // Not before its driver says so. A line that it still drives, from firmware or a driver before, would interrupt for ever.
        device.ChangeCommand(clear: PciRegisters.CommandBusMaster, set: PciRegisters.CommandInterruptDisable);
        return true;
    }

    /// <summary>Lets the device write to memory by itself, or forbids it. Any context but NMI.</summary>
    public void SetBusMaster(bool on) => ChangeCommand(on ? (ushort)0 : PciRegisters.CommandBusMaster, on ? PciRegisters.CommandBusMaster : (ushort)0);

    /// <summary>Maps the memory of a base address register, bounds-checked, and lets the device decode it.</summary>
    /// <param name="index">Which register, 0 to 5.</param>
    /// <param name="caching">How the CPU treats accesses.</param>
    /// <exception cref="InvalidOperationException">It decodes no memory, firmware gave it no address, or the memory cannot be mapped; the message names the device.</exception>
    [MightSleep]
    public MmioRegion MapBar(int index, DeviceCaching caching = DeviceCaching.Uncached)
    {
        PciBar bar = Info.Bar(index);
        return MapBar(index, 0, (long)Math.Min(bar.Length, long.MaxValue), caching);
    }

    /// <summary>Maps a part of the memory of a base address register.</summary>
    /// <param name="index">Which register, 0 to 5.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="caching">How the CPU treats accesses.</param>
    /// <exception cref="InvalidOperationException">As above, and when the part is not inside of it.</exception>
    [MightSleep]
    public MmioRegion MapBar(int index, long offset, long bytes, DeviceCaching caching = DeviceCaching.Uncached)
    {
        PciBar bar = Info.Bar(index);
        if (!bar.IsMemory || bar.Address == 0)
        {
            throw new InvalidOperationException($"{Info}: {(bar.IsMemory ? $"{bar} has no address" : $"BAR {index} is no memory")}");
        }

        if (bytes < 1 || offset < 0 || !bar.Holds((ulong)offset, (ulong)bytes))
        {
            throw new InvalidOperationException($"{Info}: 0x{bytes:x} bytes from 0x{offset:x} are not inside of {bar}");
        }

        var region = new MmioRegion();
        if (!DeviceMemory.TryMap(region, bar.Address + (ulong)offset, (nuint)bytes, caching))
        {
            throw new InvalidOperationException($"{Info}: {bar} cannot be mapped: it holds RAM, or memory ran out");
        }

        Own(region);
        ChangeCommand(clear: 0, set: PciRegisters.CommandMemory);
        return region;
    }

    /// <summary>Claims the ports of a base address register, bounds-checked, and lets the device decode them.</summary>
    /// <param name="index">Which register, 0 to 5.</param>
    /// <exception cref="InvalidOperationException">It decodes no ports, firmware gave it none, or another owner has them; the message names the device.</exception>
    [MightSleep]
    public PortRange ClaimBarPorts(int index)
    {
        PciBar bar = Info.Bar(index);
        if (bar.Kind != PciBarKind.Ports || bar.Address == 0)
        {
            throw new InvalidOperationException($"{Info}: {(bar.Kind == PciBarKind.Ports ? $"{bar} has no address" : $"BAR {index} has no ports")}");
        }

        PortRange ports = Own(PortRange.Claim(Owner, (ushort)bar.Address, (int)bar.Length));
        ChangeCommand(clear: 0, set: PciRegisters.CommandIo);
        return ports;
    }

    /// <summary>Allocates memory for the device to read and write, all bytes 0.</summary>
    /// <param name="bytes">Size, 1 to <see cref="DmaMemory.LargestBytes"/>.</param>
    /// <param name="highestAddress">The last address that the device can reach.</param>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    [MightSleep]
    public DmaBuffer AllocateDma(int bytes, ulong highestAddress = ulong.MaxValue) =>
        Own(DmaBuffer.TryAllocate(bytes, highestAddress) ?? throw new OutOfMemoryException($"{Info}: no {bytes} contiguous bytes of DMA memory below 0x{highestAddress:x}"));

    /// <summary>
    /// Lets the device interrupt: by MSI-X with a vector for each handler, if it has as many; else by one MSI, or by its line, for <paramref name="shared"/>. Once; the interrupts end when the device is released
    /// or the result is disposed. Handlers may be called as soon as the device has something to say, before this returns. Threaded handlers get their threads.
    /// </summary>
    /// <param name="shared">Serves everything when the device has a single interrupt: it must look what the device wants, and say whether it was this device.</param>
    /// <param name="vectors">Serve one MSI-X vector each, in order; none: MSI-X is not used.</param>
    /// <param name="allowed">What may be tried.</param>
    /// <exception cref="InvalidOperationException">The device has interrupts already, or there is no way to get any; the message says which were tried.</exception>
    [MightSleep]
    public PciInterrupts AttachInterrupts(InterruptHandler shared, ReadOnlySpan<InterruptHandler> vectors = default, PciInterruptModes allowed = PciInterruptModes.All)
    {
        ArgumentNullException.ThrowIfNull(shared);
        var interrupts = new PciInterrupts(this);
        lock (_lock)
        {
            if (_released || _interrupts is { IsAttached: true })
            {
                throw new InvalidOperationException($"{Info}: {(_released ? "it has been released" : "it has interrupts already")}");
            }

            _interrupts = interrupts;
        }

        Own(interrupts);
        interrupts.Attach(shared, vectors, allowed);
        return interrupts;
    }

    /// <summary>Makes the device the owner of any disposable thing. When the device has been released, the thing is released at once.</summary>
    /// <exception cref="ObjectDisposedException">The device has been released.</exception>
    [MightSleep]
    public T Own<T>(T resource)
        where T : IDisposable
    {
        lock (_lock)
        {
            if (!_released)
            {
                _owned.Add(resource);
                return resource;
            }
        }

        resource.Dispose();
        throw new ObjectDisposedException(nameof(PciDevice), $"{Info} has been released by '{Owner}'.");
    }

    /// <summary>Releases the device; after it, another driver may claim it.</summary>
    [MightSleep]
    public void Dispose()
    {
        IDisposable[] owned;
        lock (_lock)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            owned = [.. _owned];
            _owned.Clear();
        }

        // Nothing that it still has in mind reaches memory that is given back below.
        ChangeCommand(clear: PciRegisters.CommandBusMaster, set: PciRegisters.CommandInterruptDisable);
        for (int i = owned.Length - 1; i >= 0; i--)
        {
            try
            {
                owned[i].Dispose();
            }
            catch (Exception failure)
            {
                KernelLog.Error($"{Info}: exception while driver {Owner} was released: {failure}");
            }
        }

        PciBus.Leave(Info, this);
    }

    internal void ChangeCommand(ushort clear, ushort set)
    {
        ushort command = Config.Read16(PciRegisters.Command);
        Config.Write16(PciRegisters.Command, (ushort)((command & ~clear) | set));

        // A posted write has arrived when a read from the same device returns.
        Config.Read16(PciRegisters.Command);
    }
}
