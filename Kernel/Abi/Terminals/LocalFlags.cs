using System;

namespace CosmosKernel.Abi.Terminals;

/// <summary>c_lflag: how lines are edited, echoed and what signals come from keys (termios(3)).</summary>
[Flags]
public enum LocalFlags : uint
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>ISIG: INTR, QUIT and SUSP send signals.</summary>
    Signals = 0x0001,

    /// <summary>ICANON: line by line.</summary>
    Canonical = 0x0002,

    /// <summary>XCASE: kept, does nothing.</summary>
    Case = 0x0004,

    /// <summary>ECHO: show what is typed.</summary>
    Echo = 0x0008,

    /// <summary>ECHOE: ERASE and WERASE wipe out what they erase.</summary>
    EchoErase = 0x0010,

    /// <summary>ECHOK: a new line after KILL.</summary>
    EchoKill = 0x0020,

    /// <summary>ECHONL: show NL even without ECHO.</summary>
    EchoNewline = 0x0040,

    /// <summary>NOFLSH: signals do not flush.</summary>
    NoFlush = 0x0080,

    /// <summary>TOSTOP: writers in the background get SIGTTOU.</summary>
    StopBackgroundOutput = 0x0100,

    /// <summary>ECHOCTL: control characters are shown as ^X.</summary>
    EchoControl = 0x0200,

    /// <summary>ECHOPRT: erased characters are printed between \ and /.</summary>
    EchoPrint = 0x0400,

    /// <summary>ECHOKE: KILL wipes out the whole line.</summary>
    EchoKillErase = 0x0800,

    /// <summary>FLUSHO: kept, does nothing.</summary>
    FlushOutput = 0x1000,

    /// <summary>PENDIN: kept, does nothing.</summary>
    PendingInput = 0x4000,

    /// <summary>IEXTEN: WERASE, LNEXT, REPRINT and EOL2 count.</summary>
    Extended = 0x8000,

    /// <summary>EXTPROC: the master's side edits the lines.</summary>
    ExternalProcessing = 0x10000,
}
