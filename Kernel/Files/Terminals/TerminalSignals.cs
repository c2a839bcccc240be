using System;

namespace CosmosKernel.Files.Terminals;

/// <summary>Signals that keys send.</summary>
[Flags]
public enum TerminalSignals
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>INTR: SIGINT.</summary>
    Interrupt = 1,

    /// <summary>QUIT: SIGQUIT.</summary>
    Quit = 2,

    /// <summary>SUSP: SIGTSTP.</summary>
    Suspend = 4,
}
