using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Modules.Devices;

/// <summary>Ways in which a PCI device interrupts.</summary>
[Flags]
public enum PciInterruptModes
{
    /// <summary>It does not.</summary>
    None = 0,

    /// <summary>By its line INTA# to INTD#, which it may share with others.</summary>
    Line = 1,

    /// <summary>By one message.</summary>
    Msi = 2,

    /// <summary>By a message for each vector.</summary>
    MsiX = 4,

    /// <summary>Whichever is best.</summary>
    All = Line | Msi | MsiX,
}

/// <summary>
/// The interrupts of a PCI device: MSI-X, MSI or its line (PCI Local Bus 3.0, sections 6.8 and 2.2.6). Disposed, the device interrupts nobody, and no handler runs on any CPU. Task context, except where a
/// member says otherwise.
/// </summary>
/// <remarks>
/// Without the code in ACPI's tables, a line is routed as firmware left it: the Interrupt Line register holds the ISA interrupt that the chipset's router gives the line to, and the I/O APIC has it at the
/// input that the MADT says for that ISA interrupt, level-triggered and active low unless the MADT says otherwise.
/// </remarks>
public sealed class PciInterrupts : IDisposable
{
    private const int MsiXControl = 2;
    private const int MsiXTable = 4;
    private const int MsiXEntryBytes = 16;
    private const ushort MsiXEnable = 1 << 15;
    private const ushort MsiXMaskAll = 1 << 14;
    private const ushort MsiXSize = 0x7FF;
    private const uint EntryMasked = 1;

    private const int MsiControl = 2;
    private const ushort MsiEnable = 1;
    private const ushort MsiCount = 7 << 4;
    private const ushort Msi64 = 1 << 7;
    private const ushort MsiMasks = 1 << 8;

    private readonly PciDevice _device;
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly List<InterruptHandler> _handlers = [];

    [Protocol("Set once by Attach, before the device interrupts.")]
    private MmioRegion? _table;

    [Protocol("Set once by Attach, before the device interrupts.")]
    private int _capability;

    internal PciInterrupts(PciDevice device)
    {
        _device = device;
    }

    /// <summary>How the device interrupts; none before it does and once this is disposed.</summary>
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    public PciInterruptModes Mode { get; private set; }

    /// <summary>Number of vectors: 1 unless <see cref="Mode"/> is MSI-X.</summary>
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    public int VectorCount { get; private set; }

    internal bool IsAttached => Mode != PciInterruptModes.None;

    /// <summary>Keeps one MSI-X vector from interrupting; what the device wants meanwhile comes when it is unmasked. Any context but NMI, one caller at a time for a vector.</summary>
    /// <param name="vector">0 to <see cref="VectorCount"/> - 1.</param>
    /// <param name="masked">Whether to mask it.</param>
    /// <exception cref="InvalidOperationException">The device does not use MSI-X.</exception>
    [NoAllocation]
    public void SetMasked(int vector, bool masked)
    {
        if (_table is not { } table || Mode != PciInterruptModes.MsiX)
        {
            ThrowNotMsiX();
            return;
        }

        long control = ((long)vector * MsiXEntryBytes) + 12;
        uint value = table.Read32(control);
        table.Write32(control, masked ? value | EntryMasked : value & ~EntryMasked);
        table.Read32(control);
    }

    /// <summary>Sends a vector, or the single interrupt, to another CPU from now on. One that is under way still arrives at the old one.</summary>
    /// <param name="vector">0 to <see cref="VectorCount"/> - 1.</param>
    /// <param name="cpu">Number of the CPU.</param>
    /// <returns>False when there is no such CPU, interrupts cannot reach it, or the device does not interrupt.</returns>
    [MightSleep]
    public bool TrySetCpu(int vector, int cpu)
    {
        lock (_lock)
        {
            if ((uint)vector >= (uint)_handlers.Count)
            {
                return false;
            }

            int number = _handlers[vector].Vector;
            if (Mode == PciInterruptModes.Line)
            {
                return DeviceInterrupts.Retarget(number, cpu);
            }

            if (!MessageInterrupt.TryCompose(number, cpu, out MessageInterrupt message))
            {
                return false;
            }

            if (Mode == PciInterruptModes.MsiX)
            {
                // An entry is changed only while it is masked (PCI Local Bus 3.0, section 6.8.2.9).
                uint control = _table!.Read32(((long)vector * MsiXEntryBytes) + 12);
                SetMasked(vector, masked: true);
                WriteEntry(vector, message);
                SetMasked(vector, (control & EntryMasked) != 0);
            }
            else
            {
                WriteMsi(message);
            }

            return true;
        }
    }

    [MightSleep]
    internal void Attach(InterruptHandler shared, ReadOnlySpan<InterruptHandler> vectors, PciInterruptModes allowed)
    {
        string tried = "";
        if ((allowed & PciInterruptModes.MsiX) != 0 && vectors.Length > 0)
        {
            if (TryAttachMsiX(vectors) is not { } problem)
            {
                return;
            }

            tried += $"MSI-X: {problem}; ";
        }

        if ((allowed & PciInterruptModes.Msi) != 0)
        {
            if (TryAttachMsi(shared) is not { } problem)
            {
                return;
            }

            tried += $"MSI: {problem}; ";
        }

        if ((allowed & PciInterruptModes.Line) != 0)
        {
            if (TryAttachLine(shared) is not { } problem)
            {
                return;
            }

            tried += $"line: {problem}; ";
        }

        throw new InvalidOperationException($"{_device.Info} has no way to interrupt ({tried.TrimEnd(' ', ';')})");
    }

    /// <summary>The device interrupts nobody any more; when this returns, no handler runs on any CPU, and threaded ones have ended.</summary>
    [MightSleep]
    public void Dispose()
    {
        InterruptHandler[] handlers;
        lock (_lock)
        {
            switch (Mode)
            {
                case PciInterruptModes.MsiX:
                    ushort control = _device.Config.Read16(_capability + MsiXControl);
                    _device.Config.Write16(_capability + MsiXControl, (ushort)((control | MsiXMaskAll) & ~MsiXEnable));
                    break;
                case PciInterruptModes.Msi:
                    _device.Config.Write16(_capability + MsiControl, (ushort)(_device.Config.Read16(_capability + MsiControl) & ~MsiEnable));
                    break;
                default:
                    break;
            }

            _device.ChangeCommand(clear: 0, set: PciRegisters.CommandInterruptDisable);
            Mode = PciInterruptModes.None;
            VectorCount = 0;
            handlers = [.. _handlers];
            _handlers.Clear();
        }

        foreach (InterruptHandler handler in handlers)
        {
            DeviceInterrupts.Remove(handler.Vector, handler);
            (handler as ThreadedInterruptHandler)?.StopThread();
        }

        _table?.Dispose();
    }

    // Each returns why it cannot be, or null.
    [MightSleep]
    private string? TryAttachMsiX(ReadOnlySpan<InterruptHandler> vectors)
    {
        if (!_device.Info.TryFindCapability(PciRegisters.CapabilityMsiX, out PciCapability capability))
        {
            return "none";
        }

        PciConfigurationSpace config = _device.Config;
        ushort control = config.Read16(capability.Offset + MsiXControl);
        int size = (control & MsiXSize) + 1;
        if (size < vectors.Length)
        {
            return $"{size} vectors, {vectors.Length} wanted";
        }

        uint place = config.Read32(capability.Offset + MsiXTable);
        PciBar bar = _device.Info.Bar((int)(place & 7));
        ulong offset = place & ~7u;
        if (!bar.IsMemory || bar.Address == 0 || !bar.Holds(offset, (ulong)size * MsiXEntryBytes))
        {
            return $"its table of {size} at 0x{offset:x} is not inside of {bar}";
        }

        // All entries masked before the device looks at them.
        _table = _device.MapBar(bar.Index, (long)offset, size * MsiXEntryBytes);
        _capability = capability.Offset;
        config.Write16(capability.Offset + MsiXControl, (ushort)(control | MsiXEnable | MsiXMaskAll));
        for (int i = 0; i < size; i++)
        {
            _table.Write32(((long)i * MsiXEntryBytes) + 12, EntryMasked);
        }

        lock (_lock)
        {
            Mode = PciInterruptModes.MsiX;
            for (int i = 0; i < vectors.Length; i++)
            {
                if (!TryAddMessage(vectors[i], out MessageInterrupt message))
                {
                    break;
                }

                WriteEntry(i, message);
                SetMasked(i, masked: false);
            }

            if (_handlers.Count == vectors.Length)
            {
                config.Write16(capability.Offset + MsiXControl, (ushort)((control | MsiXEnable) & ~MsiXMaskAll));
                return null;
            }
        }

        Dispose();
        return "all vectors of the machine are taken";
    }

    [MightSleep]
    private string? TryAttachMsi(InterruptHandler handler)
    {
        if (!_device.Info.TryFindCapability(PciRegisters.CapabilityMsi, out PciCapability capability))
        {
            return "none";
        }

        lock (_lock)
        {
            if (!TryAddMessage(handler, out MessageInterrupt message))
            {
                return "all vectors of the machine are taken";
            }

            _capability = capability.Offset;
            Mode = PciInterruptModes.Msi;
            WriteMsi(message);
            ushort control = _device.Config.Read16(_capability + MsiControl);
            if ((control & MsiMasks) != 0)
            {
                _device.Config.Write32(_capability + ((control & Msi64) != 0 ? 16 : 12), 0);
            }

            // One message of those that it could send.
            _device.Config.Write16(_capability + MsiControl, (ushort)((control & ~MsiCount) | MsiEnable));
            return null;
        }
    }

    [MightSleep]
    private string? TryAttachLine(InterruptHandler handler)
    {
        int line = _device.Info.InterruptLine;
        if (_device.Info.InterruptPin is 0 or > 4)
        {
            return "none";
        }

        if (line is 0 or >= IsaInterrupts.Count)
        {
            return $"firmware routed it nowhere (Interrupt Line is {line})";
        }

        lock (_lock)
        {
            (handler as ThreadedInterruptHandler)?.StartThread();
            InterruptLine input = IsaInterrupts.IsOverridden(line) ? IsaInterrupts.Line(line) : new InterruptLine((uint)line, activeLow: true, levelTriggered: true);
            if (DeviceInterrupts.Add(input, handler) == 0)
            {
                (handler as ThreadedInterruptHandler)?.StopThread();
                return $"interrupt {line} has no input of an I/O APIC, or all vectors are taken";
            }

            _handlers.Add(handler);
            VectorCount++;
            Mode = PciInterruptModes.Line;
            _device.ChangeCommand(clear: PciRegisters.CommandInterruptDisable, set: 0);
            return null;
        }
    }

    [RequiresLock(nameof(_lock))]
    private bool TryAddMessage(InterruptHandler handler, out MessageInterrupt message)
    {
        message = default;
        (handler as ThreadedInterruptHandler)?.StartThread();
        int vector = DeviceInterrupts.AddMessage(handler);
        if (vector != 0)
        {
            if (MessageInterrupt.TryCompose(vector, 0, out message))
            {
                _handlers.Add(handler);
                VectorCount++;
                return true;
            }

            DeviceInterrupts.Remove(vector, handler);
        }

        (handler as ThreadedInterruptHandler)?.StopThread();
        return false;
    }

    private void WriteEntry(int vector, MessageInterrupt message)
    {
        long entry = (long)vector * MsiXEntryBytes;
        _table!.Write32(entry, (uint)message.Address);
        _table.Write32(entry + 4, (uint)(message.Address >> 32));
        _table.Write32(entry + 8, message.Data);
    }

    private void WriteMsi(MessageInterrupt message)
    {
        PciConfigurationSpace config = _device.Config;
        bool isWide = (config.Read16(_capability + MsiControl) & Msi64) != 0;
        config.Write32(_capability + 4, (uint)message.Address);
        if (isWide)
        {
            config.Write32(_capability + 8, (uint)(message.Address >> 32));
        }

        config.Write16(_capability + (isWide ? 12 : 8), (ushort)message.Data);
    }

    [DoesNotReturn]
    private static void ThrowNotMsiX() => throw new InvalidOperationException("the device does not use MSI-X");
}
