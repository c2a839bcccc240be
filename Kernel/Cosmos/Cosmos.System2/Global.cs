using System;
using System.Threading;
using Cosmos.Debug.Kernel;
using Cosmos.HAL;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>What Cosmos keeps for all of the system layer.</summary>
public static class Global
{
    /// <summary>Debugger of the system layer.</summary>
    public static readonly Debugger Debugger = DebuggerFactory.CreateDebugger("Global");

    [Atomic]
    private static Console? s_console;

    /// <summary>The console. It is the one that <c>System.Console</c> writes to.</summary>
    public static Console Console
    {
        get => Volatile.Read(ref s_console) ?? Interlocked.CompareExchange(ref s_console, new Console(null), null) ?? Volatile.Read(ref s_console)!;
        set => Volatile.Write(ref s_console, value);
    }

    /// <summary>Whether Num Lock is on.</summary>
    public static bool NumLock
    {
        get => KeyboardManager.NumLock;
        set => KeyboardManager.NumLock = value;
    }

    /// <summary>Whether Caps Lock is on.</summary>
    public static bool CapsLock
    {
        get => KeyboardManager.CapsLock;
        set => KeyboardManager.CapsLock = value;
    }

    /// <summary>Whether Scroll Lock is on.</summary>
    public static bool ScrollLock
    {
        get => KeyboardManager.ScrollLock;
        set => KeyboardManager.ScrollLock = value;
    }

    /// <summary>Debugger of the system layer, by the name that Cosmos used until 2022.</summary>
    public static Debugger mDebugger => Debugger;

    /// <summary>
    /// Sets the console up, and takes keyboard and mouse over. The hardware has drivers that the image's list of modules names, and they run before the kernel does, so the switches change nothing.
    /// Task context.
    /// </summary>
    /// <param name="textScreen">Null: the kernel's consoles.</param>
    /// <param name="initScrollWheel">Not used.</param>
    /// <param name="initPS2">Not used.</param>
    /// <param name="initNetwork">Not used.</param>
    /// <param name="ideInit">Not used.</param>
    /// <exception cref="NotSupportedException">A screen of the kernel's own was given.</exception>
    [MightSleep]
    public static void Init(TextScreenBase? textScreen, bool initScrollWheel = true, bool initPS2 = true, bool initNetwork = true, bool ideInit = true)
    {
        Console = new Console(textScreen);
        KeyboardManager.Start();
        MouseManager.Start();
    }
}
