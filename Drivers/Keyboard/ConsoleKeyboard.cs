using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>
/// What all keyboards type goes to the console, by one layout, and their lights show its locks. Who grabs a keyboard keeps its keys from here.
/// </summary>
/// <param name="layout">What the keys mean.</param>
/// <param name="input">Where typed bytes go.</param>
internal sealed class ConsoleKeyboard(KeyboardLayout layout, ConsoleInput input) : InputHandler, IDisposable
{
    private const ushort KeyA = 30;
    private const ushort KeyEnter = 28;

    private readonly LightWork _lights = new();

    [GuardedBy(nameof(_lock))]
    private readonly KeyDecoder _decoder = new(layout);

    private IrqSpinLock _lock = new(LockClasses.Register("console.keys"));

    /// <inheritdoc/>
    public override string Name => "kbd";

    /// <inheritdoc/>
    [MightSleep]
    public override InputHandle? Connect(InputDevice device)
    {
        if (!device.Allows(InputEventType.Key, KeyA) || !device.Allows(InputEventType.Key, KeyEnter))
        {
            return null;
        }

        using (_lock.Enter())
        {
            ShowLocks();
        }

        return new Keyboard(this, device);
    }

    /// <summary>Ends with the lights: after the handler was removed. Task context.</summary>
    [MightSleep]
    public void Dispose() => _lights.CancelAndWait();

    [InterruptContext]
    private void Receive(InputEvent key)
    {
        Span<byte> typed = stackalloc byte[KeyDecoder.MostBytes];
        using (_lock.Enter())
        {
            int count = _decoder.Press(key.Code, key.Value != 0, key.Value == 2, typed);
            if (count > 0)
            {
                input.Add(typed[..count]);
            }

            ShowLocks();
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void ShowLocks()
    {
        if (_lights.Set(_decoder.NumLock, _decoder.CapsLock))
        {
            _lights.Queue();
        }
    }

    private sealed class Keyboard(ConsoleKeyboard console, InputDevice device) : InputHandle(device)
    {
        public override void Receive(ReadOnlySpan<InputEvent> events, ulong time)
        {
            for (int i = 0; i < events.Length; i++)
            {
                if (events[i].Type == InputEventType.Key)
                {
                    console.Receive(events[i]);
                }
            }
        }
    }

    // A device is not sent anything while it reports, so this comes after.
    private sealed class LightWork() : WorkItem(WorkQueues.Default)
    {
        [Atomic]
        private int _lights = -1;

        [NoAllocation]
        public bool Set(bool num, bool caps)
        {
            int lights = (num ? 1 : 0) | (caps ? 2 : 0);
            return System.Threading.Interlocked.Exchange(ref _lights, lights) != lights;
        }

        protected override void Execute()
        {
            int lights = System.Threading.Volatile.Read(ref _lights);
            ReadOnlySpan<InputDevice> devices = InputCore.Devices;
            for (int i = 0; i < devices.Length; i++)
            {
                if (devices[i].Allows(InputEventType.Light, InputCodes.NumLight))
                {
                    devices[i].Send(new InputEvent(InputEventType.Light, InputCodes.NumLight, lights & 1));
                    devices[i].Send(new InputEvent(InputEventType.Light, InputCodes.CapsLight, lights >> 1));
                    devices[i].Send(new InputEvent(InputEventType.Synchronization, InputCodes.Report, 0));
                }
            }
        }
    }
}
