using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;
using CosmosKernel.Modules.Sound;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.DriverTests;

/// <summary>The input core: devices, handlers, and what goes between them.</summary>
public static class InputTests
{
    private const ushort KeyA = 30;
    private const ushort KeyB = 48;
    private const ushort LeftShift = 42;
    private const ulong Millisecond = 1_000_000;

    // Of stops and starts.
    private const int Rounds = 10;

    /// <summary>A packet arrives whole, without what is no change and what the device cannot report.</summary>
    [KernelTest("driver.input_packets_hold_changes_only")]
    public static void PacketsHoldChangesOnly()
    {
        var device = new TestDevice(repeats: false);
        var handler = new Recorder(device);
        using IDisposable _ = InputCore.AddHandler(handler);
        using (InputCore.AddDevice(device))
        {
            device.ReportKey(KeyA, isDown: true);
            device.ReportKey(KeyA, isDown: true);
            device.ReportKey(KeyB, isDown: false);
            device.Report(InputEventType.Relative, InputCodes.RelativeX, 5);
            Check.Equal(0, handler.Events.Length);
            device.Synchronize();
            device.Synchronize();
            Check.Equal("1:30:1 0:0:0", handler.Text);
            Check.True(device.IsSet(InputEventType.Key, KeyA));
        }

        // A device that goes leaves no key down.
        Check.Equal("1:30:1 0:0:0 1:30:0 0:0:0", handler.Text);
        Check.Equal(1, handler.Disconnected);
        device.ReportKey(KeyA, isDown: true);
        device.Synchronize();
        Check.Equal("1:30:1 0:0:0 1:30:0 0:0:0", handler.Text);
    }

    /// <summary>More events than one packet holds arrive in order, and only the last part ends it.</summary>
    [KernelTest("driver.input_long_packets_come_in_parts")]
    public static void LongPacketsComeInParts()
    {
        var device = new TestDevice(repeats: false);
        var handler = new Recorder(device);
        using IDisposable first = InputCore.AddDevice(device);
        using IDisposable second = InputCore.AddHandler(handler);
        for (int i = 0; i < 200; i++)
        {
            device.ReportKey(KeyA, isDown: (i & 1) == 0);
        }

        device.Synchronize();
        ReadOnlySpan<InputEvent> events = handler.Events;
        Check.Equal(201, events.Length);
        for (int i = 0; i < 200; i++)
        {
            Check.Equal(new InputEvent(InputEventType.Key, KeyA, 1 - (i & 1)), events[i]);
        }
    }

    /// <summary>Who grabs a device keeps its events from all others; one at a time.</summary>
    [KernelTest("driver.input_grab_keeps_others_out")]
    public static void GrabKeepsOthersOut()
    {
        var device = new TestDevice(repeats: false);
        var one = new Recorder(device);
        var other = new Recorder(device);
        using IDisposable first = InputCore.AddDevice(device);
        using IDisposable second = InputCore.AddHandler(one);
        IDisposable third = InputCore.AddHandler(other);
        Check.True(other.Handle!.TryGrab());
        Check.True(!one.Handle!.TryGrab(), "the device is grabbed");
        device.ReportKey(KeyA, isDown: true);
        device.Synchronize();
        Check.Equal("", one.Text);
        Check.Equal("1:30:1 0:0:0", other.Text);

        // A handler that goes gives the device back.
        third.Dispose();
        device.ReportKey(KeyA, isDown: false);
        device.Synchronize();
        Check.Equal("1:30:0 0:0:0", one.Text);
        Check.True(one.Handle.TryGrab());
    }

    /// <summary>A key that is held repeats until it is released.</summary>
    [KernelTest("driver.input_held_keys_repeat")]
    public static void HeldKeysRepeat()
    {
        var device = new TestDevice(repeats: true);
        var handler = new Recorder(device);
        using IDisposable first = InputCore.AddDevice(device);
        using IDisposable second = InputCore.AddHandler(handler);
        device.Send(new InputEvent(InputEventType.Repeat, InputCodes.RepeatDelay, 20));
        device.Send(new InputEvent(InputEventType.Repeat, InputCodes.RepeatPeriod, 5));
        device.ReportKey(KeyA, isDown: true);
        device.Synchronize();
        ulong end = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
        while (handler.CountOf(2) < 3)
        {
            Check.True(Clock.MonotonicNanoseconds < end, "the key repeats");
            KernelTask.Sleep(5 * Millisecond);
        }

        device.ReportKey(KeyA, isDown: false);
        device.Synchronize();
        int repeated = handler.CountOf(2);
        KernelTask.Sleep(100 * Millisecond);
        Check.Equal(repeated, handler.CountOf(2));
        Check.Equal((20, 5), device.RepeatRate);
    }

    /// <summary>The mouse's module comes and goes while the mouse reports and a handler receives.</summary>
    [KernelTest("driver.mouse_is_unloaded_while_it_moves")]
    public static void MouseIsUnloadedWhileItMoves() => UnloadWhileItReports("mouse", "isa0060/serio1", static mouse => mouse.Report(InputEventType.Relative, InputCodes.RelativeX, 1));

    /// <summary>The keyboard's module, while a key is pressed and released; one that types nothing.</summary>
    [KernelTest("driver.keyboard_is_unloaded_while_a_key_is_pressed")]
    public static void KeyboardIsUnloadedWhileAKeyIsPressed() => UnloadWhileItReports("keyboard", "isa0060/serio0", static keyboard =>
    {
        keyboard.ReportKey(LeftShift, isDown: true);
        keyboard.Synchronize();
        keyboard.ReportKey(LeftShift, isDown: false);
    });

    /// <summary>The speaker's module comes and goes while two tasks make tones.</summary>
    [KernelTest("driver.speaker_is_unloaded_while_it_sounds")]
    public static void SpeakerIsUnloadedWhileItSounds()
    {
        ModuleEntry speaker = ModuleRegistry.Find("pcspkr") ?? throw new TestSkippedException("there is no speaker module");
        Check.True(Speaker.Exists, "there is a speaker");
        var load = new Load(static () =>
        {
            Speaker.Play(Speaker.LowestHertz, 1);
            Speaker.Play(Speaker.HighestHertz);
            Speaker.Stop();
        });
        TaskStruct[] players = [KernelTask.Start("player", load.Run), KernelTask.Start("player", load.Run)];
        try
        {
            for (int i = 0; i < Rounds; i++)
            {
                ModuleRegistry.Stop(speaker);
                Check.True(!Speaker.Exists, "the speaker is gone");
                load.AwaitOneMore();
                Check.True(ModuleRegistry.Start(speaker), speaker.Failure ?? "it starts");
                Check.True(Speaker.Exists, "the speaker is there");
                load.AwaitOneMore();
            }
        }
        finally
        {
            load.Stop();
            Array.ForEach(players, player => player.Join());
        }

        Check.Equal(0L, speaker.Faults);
    }

    // Whatever is reported goes on with a device that was just taken away, too.
    private static void UnloadWhileItReports(string name, string path, Action<InputDevice> report)
    {
        ModuleEntry module = ModuleRegistry.Find(name) ?? throw new TestSkippedException($"there is no module '{name}'");
        if (Find(path) is null)
        {
            Check.Skip($"this machine has no {name}");
        }

        var load = new Load(() =>
        {
            if (Find(path) is { } device)
            {
                for (int i = 0; i < 100; i++)
                {
                    report(device);
                    device.Synchronize();
                }
            }
        });
        var handler = new Recorder(null);
        using IDisposable registration = InputCore.AddHandler(handler);
        TaskStruct task = KernelTask.Start("reporter", load.Run);
        try
        {
            for (int i = 0; i < Rounds; i++)
            {
                ModuleRegistry.Stop(module);
                Check.True(Find(path) is null, "the device is gone");
                Check.True(ModuleRegistry.Start(module), module.Failure ?? "it starts");
                Check.True(Find(path) is not null, "the device is there");
                long before = handler.Packets;
                ulong end = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
                while (handler.Packets == before)
                {
                    Check.True(Clock.MonotonicNanoseconds < end, "reports arrive");
                    KernelTask.Sleep(Millisecond);
                }
            }
        }
        finally
        {
            load.Stop();
            task.Join();
        }

        Check.True(handler.Disconnected >= Rounds, "the handler was told each time");
    }

    private static InputDevice? Find(string path)
    {
        foreach (InputDevice device in InputCore.Devices)
        {
            if (device.PhysicalPath.StartsWith(path, StringComparison.Ordinal))
            {
                return device;
            }
        }

        return null;
    }

    private sealed class Load(Action action)
    {
        [Atomic]
        private volatile bool _stop;

        [Atomic]
        private long _times;

        public void Stop() => _stop = true;

        public void AwaitOneMore()
        {
            // One that begins after this: two tasks may each be in the middle of one.
            long before = Volatile.Read(ref _times);
            while (Volatile.Read(ref _times) < before + 3)
            {
                KernelTask.Sleep(Millisecond / 10);
            }
        }

        public void Run()
        {
            while (!_stop)
            {
                action();
                Interlocked.Increment(ref _times);
                KernelTask.Sleep(Millisecond / 10);
            }
        }
    }

    private sealed class TestDevice : InputDevice
    {
        public TestDevice(bool repeats)
            : base("test", "test/input0", new InputIdentity(InputIdentity.VirtualBus, 1, 2, 3))
        {
            Allow(InputEventType.Key, [KeyA, KeyB]);
            if (repeats)
            {
                Allow(InputEventType.Repeat, [InputCodes.RepeatDelay, InputCodes.RepeatPeriod]);
            }
        }
    }

    private sealed class Recorder(InputDevice? only) : InputHandler
    {
        private const int Most = 1024;

        [Protocol("Written while the device's lock is held; read when nothing is reported, or as a snapshot.")]
        private readonly InputEvent[] _events = new InputEvent[Most];

        [Atomic]
        private int _count;

        [Atomic]
        private long _packets;

        public override string Name => "recorder";

        [Protocol("Written under the input core's lock, before the test goes on.")]
        public InputHandle? Handle { get; private set; }

        [Protocol("Written under the input core's lock, before the test goes on.")]
        public int Disconnected { get; private set; }

        public long Packets => Volatile.Read(ref _packets);

        public ReadOnlySpan<InputEvent> Events => _events.AsSpan(0, Volatile.Read(ref _count));

        public string Text
        {
            get
            {
                var texts = new List<string>();
                foreach (InputEvent seen in Events)
                {
                    texts.Add($"{seen.Type}:{seen.Code}:{seen.Value}");
                }

                return string.Join(' ', texts);
            }
        }

        public int CountOf(int value)
        {
            int count = 0;
            foreach (InputEvent seen in Events)
            {
                count += seen.Type == InputEventType.Key && seen.Value == value ? 1 : 0;
            }

            return count;
        }

        [MightSleep]
        public override InputHandle? Connect(InputDevice device)
        {
            if (only is not null && device != only)
            {
                return null;
            }

            Handle = new Connection(device, this);
            return Handle;
        }

        [MightSleep]
        public override void Disconnect(InputHandle handle) => Disconnected++;

        private sealed class Connection(InputDevice device, Recorder recorder) : InputHandle(device)
        {
            public override void Receive(ReadOnlySpan<InputEvent> events, ulong time)
            {
                foreach (ref readonly InputEvent seen in events)
                {
                    int count = Volatile.Read(ref recorder._count);
                    if (count == Most)
                    {
                        break;
                    }

                    // Pairs with the read in Events: who sees the count sees the event.
                    recorder._events[count] = seen;
                    Volatile.Write(ref recorder._count, count + 1);
                }

                Interlocked.Increment(ref recorder._packets);
            }
        }
    }
}
