using System;
using CosmosKernel.Machine.Locking;

namespace Cosmos.Debug.Kernel;

/// <summary>A debugger whose messages go to the console, too.</summary>
public class ConsoleDebugger : Debugger
{
    /// <summary>A debugger for a section.</summary>
    public ConsoleDebugger(string section)
        : base(section)
    {
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void SendInternal(string text)
    {
        base.SendInternal(text);
        Console.WriteLine(Section.Length == 0 ? text : $"[{Section}] {text}");
    }
}
