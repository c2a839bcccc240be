using CosmosKernel.Machine.Locking;

namespace Cosmos.Debug.Kernel;

/// <summary>Makes debuggers, and decides where their messages go.</summary>
public static class DebuggerFactory
{
    /// <summary>Whether debuggers made from now on also write to the console.</summary>
    [Atomic]
    public static volatile bool WriteToConsole = false;

    /// <summary>Makes a debugger for a section.</summary>
    public static Debugger CreateDebugger(string section = "") => WriteToConsole ? new ConsoleDebugger(section) : new Debugger(section);
}
