using System;

namespace CosmosKernel.Abi.Terminals;

/// <summary>c_cflag: the line's speed and frames (termios(3)).</summary>
[Flags]
public enum ControlFlags : uint
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>CBAUD: the field of the output speed, with <see cref="Baud38400"/> and others.</summary>
    BaudMask = 0x100F,

    /// <summary>B0: hang up.</summary>
    BaudZero = 0x0000,

    /// <summary>B9600.</summary>
    Baud9600 = 0x000D,

    /// <summary>B115200.</summary>
    Baud115200 = 0x1002,

    /// <summary>B38400.</summary>
    Baud38400 = 0x000F,

    /// <summary>BOTHER: the speed is in c_ospeed.</summary>
    BaudOther = 0x1000,

    /// <summary>CSIZE: the field of the byte's size.</summary>
    SizeMask = 0x0030,

    /// <summary>CS8: 8 bits a byte.</summary>
    Size8 = 0x0030,

    /// <summary>CSTOPB: two stop bits.</summary>
    TwoStopBits = 0x0040,

    /// <summary>CREAD: receive.</summary>
    Receive = 0x0080,

    /// <summary>PARENB: with a parity bit.</summary>
    Parity = 0x0100,

    /// <summary>PARODD: odd parity; with <see cref="StickParity"/> the bit is always 1.</summary>
    OddParity = 0x0200,

    /// <summary>HUPCL: hang up after the last close.</summary>
    HangUpOnClose = 0x0400,

    /// <summary>CLOCAL: ignore modem lines.</summary>
    Local = 0x0800,

    /// <summary>CMSPAR: the parity bit is always the same.</summary>
    StickParity = 0x4000_0000,

    /// <summary>CRTSCTS: flow control by the lines RTS and CTS.</summary>
    HardwareFlow = 0x8000_0000,
}
