using System;

namespace CosmosKernel.Abi.Terminals;

/// <summary>c_iflag: what happens to bytes on their way from the device to the reader (termios(3)).</summary>
[Flags]
public enum InputFlags : uint
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Ignore a break.</summary>
    IgnoreBreak = 0x0001,

    /// <summary>A break flushes and is an INTR.</summary>
    BreakInterrupts = 0x0002,

    /// <summary>Ignore bytes with a framing or parity error.</summary>
    IgnoreParity = 0x0004,

    /// <summary>PARMRK: bytes with an error come behind 0xFF 0x00, and 0xFF is doubled.</summary>
    MarkParity = 0x0008,

    /// <summary>INPCK: check the parity.</summary>
    CheckParity = 0x0010,

    /// <summary>ISTRIP: clear bit 7.</summary>
    Strip = 0x0020,

    /// <summary>INLCR: NL becomes CR.</summary>
    NewlineToReturn = 0x0040,

    /// <summary>IGNCR: CR is dropped.</summary>
    IgnoreReturn = 0x0080,

    /// <summary>ICRNL: CR becomes NL.</summary>
    ReturnToNewline = 0x0100,

    /// <summary>IUCLC: letters become small; with IEXTEN only.</summary>
    ToLower = 0x0200,

    /// <summary>IXON: STOP and START stop and start the output.</summary>
    OutputFlowControl = 0x0400,

    /// <summary>IXANY: any character starts stopped output.</summary>
    AnyStarts = 0x0800,

    /// <summary>IXOFF: the terminal itself sends STOP and START.</summary>
    InputFlowControl = 0x1000,

    /// <summary>IMAXBEL: ring the bell when the line has no room.</summary>
    BellWhenFull = 0x2000,

    /// <summary>IUTF8: erasing removes whole UTF-8 characters.</summary>
    Utf8 = 0x4000,
}
