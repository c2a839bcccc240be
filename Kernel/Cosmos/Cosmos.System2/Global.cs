using System;
using Cosmos.Debug.Kernel;
using Cosmos.HAL;

namespace Cosmos.System;

/// <summary>What Cosmos keeps for all of the system layer.</summary>
public static class Global
{
    /// <summary>Debugger of the system layer.</summary>
    public static readonly Debugger Debugger = DebuggerFactory.CreateDebugger("Global");

    private static Console? s_console;

    /// <summary>The console. It is the one that <c>System.Console</c> writes to.</summary>
    public static Console Console
    {
        get => s_console ??= new Console(null);
        set => s_console = value;
    }

    /// <summary>Sets the console up. The hardware has drivers that the image's list of modules names, and they run before the kernel does, so the switches change nothing.</summary>
    /// <param name="textScreen">Null: the kernel's consoles.</param>
    /// <param name="initScrollWheel">Not used.</param>
    /// <param name="initPS2">Not used.</param>
    /// <param name="initNetwork">Not used.</param>
    /// <param name="ideInit">Not used.</param>
    /// <exception cref="NotSupportedException">A screen of the kernel's own was given.</exception>
    public static void Init(TextScreenBase? textScreen, bool initScrollWheel = true, bool initPS2 = true, bool initNetwork = true, bool ideInit = true) =>
        Console = new Console(textScreen);
}
