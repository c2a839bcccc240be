namespace CosmosKernel.Abi.Terminals;

/// <summary>Indexes in c_cc (termios(3)). A character whose value is 0 is switched off.</summary>
public enum ControlCharacter
{
    /// <summary>VINTR: SIGINT.</summary>
    Interrupt = 0,

    /// <summary>VQUIT: SIGQUIT.</summary>
    Quit = 1,

    /// <summary>VERASE: erase a character.</summary>
    Erase = 2,

    /// <summary>VKILL: erase the line.</summary>
    Kill = 3,

    /// <summary>VEOF: end of file.</summary>
    EndOfFile = 4,

    /// <summary>VTIME: tenths of a second that a read without lines waits.</summary>
    Time = 5,

    /// <summary>VMIN: bytes that a read without lines waits for.</summary>
    Minimum = 6,

    /// <summary>VSWTC: kept, does nothing.</summary>
    Switch = 7,

    /// <summary>VSTART: start the output.</summary>
    Start = 8,

    /// <summary>VSTOP: stop the output.</summary>
    Stop = 9,

    /// <summary>VSUSP: SIGTSTP.</summary>
    Suspend = 10,

    /// <summary>VEOL: one more end of a line.</summary>
    EndOfLine = 11,

    /// <summary>VREPRINT: show the line again.</summary>
    Reprint = 12,

    /// <summary>VDISCARD: kept, does nothing.</summary>
    Discard = 13,

    /// <summary>VWERASE: erase a word.</summary>
    WordErase = 14,

    /// <summary>VLNEXT: the next character is an ordinary one.</summary>
    LiteralNext = 15,

    /// <summary>VEOL2: yet one more end of a line.</summary>
    EndOfLine2 = 16,
}
