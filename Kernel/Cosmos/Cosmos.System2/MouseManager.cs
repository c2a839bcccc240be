using System;
using Cosmos.HAL.Input;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>
/// The mouse: a pointer on a screen whose size the kernel sets, and buttons. A task of its own follows the mice, so a value may change between two reads. Nothing moves before
/// <see cref="ScreenWidth"/> and <see cref="ScreenHeight"/> are set. Task context.
/// </summary>
public static class MouseManager
{
    /// <summary>The buttons before the last change.</summary>
    [Atomic]
    public static volatile MouseState LastMouseState;

    /// <summary>The buttons.</summary>
    [Atomic]
    public static volatile MouseState MouseState;

    /// <summary>Pixels of the pointer for a step of the mouse. 1 at first.</summary>
    [Atomic]
    public static volatile float MouseSensitivity = 1;

    /// <summary>Column of the pointer, 0 to <see cref="ScreenWidth"/> - 1.</summary>
    [Atomic]
    public static volatile uint X;

    /// <summary>Row of the pointer, 0 to <see cref="ScreenHeight"/> - 1.</summary>
    [Atomic]
    public static volatile uint Y;

    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static uint s_width;

    [GuardedBy(nameof(s_lock))]
    private static uint s_height;

    [GuardedBy(nameof(s_lock))]
    private static int s_deltaX;

    [GuardedBy(nameof(s_lock))]
    private static int s_deltaY;

    [GuardedBy(nameof(s_lock))]
    private static int s_scroll;

    // What of a movement is less than a pixel.
    [GuardedBy(nameof(s_lock))]
    private static float s_restX;

    [GuardedBy(nameof(s_lock))]
    private static float s_restY;

    /// <summary>Pixels in a row of the screen; 0 stops the pointer.</summary>
    [MightSleep]
    public static uint ScreenWidth
    {
        get
        {
            lock (s_lock)
            {
                return s_width;
            }
        }

        set
        {
            lock (s_lock)
            {
                s_width = value;
                X = Math.Min(X, value == 0 ? 0 : value - 1);
            }
        }
    }

    /// <summary>Rows of the screen; 0 stops the pointer.</summary>
    [MightSleep]
    public static uint ScreenHeight
    {
        get
        {
            lock (s_lock)
            {
                return s_height;
            }
        }

        set
        {
            lock (s_lock)
            {
                s_height = value;
                Y = Math.Min(Y, value == 0 ? 0 : value - 1);
            }
        }
    }

    /// <summary>The last movement to the right, in steps of the mouse; 0 when it was read before.</summary>
    [MightSleep]
    public static int DeltaX
    {
        get
        {
            lock (s_lock)
            {
                int delta = s_deltaX;
                s_deltaX = 0;
                return delta;
            }
        }
    }

    /// <summary>The last movement down, in steps of the mouse; 0 when it was read before.</summary>
    [MightSleep]
    public static int DeltaY
    {
        get
        {
            lock (s_lock)
            {
                int delta = s_deltaY;
                s_deltaY = 0;
                return delta;
            }
        }
    }

    /// <summary>Steps of the wheel since <see cref="ResetScrollDelta"/>, towards the user above zero.</summary>
    [MightSleep]
    public static int ScrollDelta
    {
        get
        {
            lock (s_lock)
            {
                return s_scroll;
            }
        }
    }

    /// <summary>Whether a mouse with a wheel is connected.</summary>
    public static bool ScrollWheelPresent => InputService.Mouse.HasScrollWheel;

    /// <summary>Forgets the steps of the wheel.</summary>
    [MightSleep]
    public static void ResetScrollDelta()
    {
        lock (s_lock)
        {
            s_scroll = 0;
        }
    }

    /// <summary>Moves the pointer and sets the buttons, as a mouse does.</summary>
    /// <param name="deltaX">Steps to the right.</param>
    /// <param name="deltaY">Steps down.</param>
    /// <param name="mouseState">Buttons, as <see cref="Cosmos.System.MouseState"/> has them.</param>
    /// <param name="scrollWheel">Steps of the wheel.</param>
    [MightSleep]
    public static void HandleMouse(int deltaX, int deltaY, int mouseState, int scrollWheel)
    {
        lock (s_lock)
        {
            if (s_width == 0 || s_height == 0)
            {
                return;
            }

            s_deltaX = deltaX;
            s_deltaY = deltaY;
            s_scroll += scrollWheel;
            X = Moved(X, deltaX, s_width, ref s_restX);
            Y = Moved(Y, deltaY, s_height, ref s_restY);
            LastMouseState = MouseState;
            MouseState = (MouseState)mouseState;
        }
    }

    /// <summary>Follows the mice. Task context.</summary>
    [MightSleep]
    internal static void Start()
    {
        InputService.Mouse.OnMouseChanged = HandleMouse;
        InputService.Start();
    }

    private static uint Moved(uint position, int delta, uint size, ref float rest)
    {
        float target = position + rest + (MouseSensitivity * delta);
        float whole = MathF.Floor(target);
        rest = target - whole;
        if (whole < 0 || whole > size - 1)
        {
            rest = 0;
            return whole < 0 ? 0 : size - 1;
        }

        return (uint)whole;
    }
}
