using System;

namespace CosmosKernel.Abi.Terminals;

/// <summary>c_oflag: what happens to bytes on their way from the writer to the device (termios(3)). The delays of old hardware are kept and do nothing, tabs apart.</summary>
[Flags]
public enum OutputFlags : uint
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>OPOST: the others count.</summary>
    Process = 0x0001,

    /// <summary>OLCUC: letters become capitals.</summary>
    ToUpper = 0x0002,

    /// <summary>ONLCR: NL becomes CR NL.</summary>
    NewlineToReturnNewline = 0x0004,

    /// <summary>OCRNL: CR becomes NL.</summary>
    ReturnToNewline = 0x0008,

    /// <summary>ONOCR: no CR in column 0.</summary>
    NoReturnAtColumnZero = 0x0010,

    /// <summary>ONLRET: NL moves to column 0 by itself.</summary>
    NewlineReturns = 0x0020,

    /// <summary>TABDLY: the field of the tab's kind.</summary>
    TabMask = 0x1800,

    /// <summary>XTABS: a tab becomes spaces up to the next multiple of 8.</summary>
    ExpandTabs = 0x1800,
}
