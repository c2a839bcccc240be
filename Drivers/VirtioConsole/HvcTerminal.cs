using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>/dev/hvcN: a line discipline in front of a virtio console.</summary>
internal sealed class HvcTerminal(ModuleContext owner, DeviceNumber number, string name, ConsoleDevice device) : ModuleTerminal(owner, number, name), IConsoleReceiver
{
    // While nobody has it open, what comes is for nobody.
    [GuardedBy(nameof(Lock))]
    private bool _isOpen;

    /// <inheritdoc/>
    public override int Room => device.Room;

    /// <inheritdoc/>
    public override int Waiting => device.Unsent;

    /// <inheritdoc/>
    protected override WindowSize DeviceWindow => device.Window;

    /// <inheritdoc/>
    [MightSleep]
    public override void Put(ReadOnlySpan<byte> bytes) => device.Send(bytes);

    /// <inheritdoc/>
    public override void Discard()
    {
        // What was put is the host's already.
    }

    /// <inheritdoc/>
    [MightSleep]
    bool IConsoleReceiver.Receive() => ReceiveFromDevice();

    /// <inheritdoc/>
    [MightSleep]
    void IConsoleReceiver.Sent()
    {
        using (Lock.Enter())
        {
            RoomCame();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    void IConsoleReceiver.Lost() => DeviceLost();

    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override int TakeReceived(Span<byte> bytes, Span<InputMark> marks)
    {
        if (!_isOpen)
        {
            device.DropInput();
            return 0;
        }

        int count = device.TakeInput(bytes);
        marks[..count].Clear();
        return count;
    }

    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override void ReceiveRoomCame() => device.WakeWorker();

    /// <inheritdoc/>
    [MightSleep]
    protected override bool Drain() => device.Drain();

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected override Errno DeviceOpening(TerminalSettings settings)
    {
        device.DropInput();
        _isOpen = true;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected override void DeviceClosed(TerminalSettings settings)
    {
        _isOpen = false;
        DropInput();
        device.DropInput();
    }
}
