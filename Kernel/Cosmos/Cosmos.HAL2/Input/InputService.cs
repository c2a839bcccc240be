using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace Cosmos.HAL.Input;

/// <summary>The task that serves keyboards and mice for a Cosmos kernel, from when the kernel starts. While it runs, what the keyboards type is decoded here, by the kernel's layout.</summary>
internal static class InputService
{
    private static readonly WaitQueue s_wake = new("cosmos input");
    private static readonly HardwareHandler s_handler = new(s_wake);

    [Atomic]
    private static int s_starts;

    /// <summary>All keyboards.</summary>
    public static SystemKeyboard Keyboard { get; } = new();

    /// <summary>All mice.</summary>
    public static SystemMouse Mouse { get; } = new();

    /// <summary>All connections.</summary>
    public static ReadOnlySpan<HardwareHandle> Handles => s_handler.Handles;

    /// <summary>Starts it; only the first call does. Task context.</summary>
    [MightSleep]
    public static void Start()
    {
        if (Interlocked.Exchange(ref s_starts, 1) == 0)
        {
            KernelTask.Start("cosmos-input", Serve);
            InputCore.AddHandler(s_handler);
        }
    }

    private static void Serve()
    {
        while (true)
        {
            using (WaitQueue.Wait wait = s_wake.Begin())
            {
                wait.Prepare();
                if (!ServeOnce() && wait.Sleep() == WaitResult.Interrupted)
                {
                    return;
                }
            }
        }
    }

    // Whether there was anything.
    private static bool ServeOnce()
    {
        bool any = false;
        foreach (HardwareHandle handle in s_handler.Handles)
        {
            if (handle.IsExclusive)
            {
                // The first time takes it; from then on it has it. Another that has grabbed the keyboard ends this some time.
                _ = handle.TryGrab();
            }

            while (handle.TryTake(out InputEvent change))
            {
                any = true;
                Deliver(change);
            }
        }

        return any;
    }

    // What a kernel's own handler throws is reported, and ends nothing.
    private static void Deliver(InputEvent change)
    {
        try
        {
            if (change.Type == InputEventType.Key && change.Code < EventCodes.ButtonLeft)
            {
                Keyboard.Take(change.Code, change.Value);
            }
            else
            {
                Mouse.Take(change);
            }
        }
        catch (Exception error)
        {
            KernelLog.Error($"handler of input events: {error}");
        }
    }
}
