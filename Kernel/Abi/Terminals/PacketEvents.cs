using System;

namespace CosmosKernel.Abi.Terminals;

/// <summary>What the first byte of a read from a pseudo-terminal's master says in packet mode (ioctl_tty(2), TIOCPKT).</summary>
[Flags]
public enum PacketEvents
{
    /// <summary>Data follows.</summary>
    Data = 0,

    /// <summary>The slave's input was dropped.</summary>
    FlushRead = 1,

    /// <summary>The slave's output was dropped.</summary>
    FlushWrite = 2,

    /// <summary>Output was stopped.</summary>
    Stop = 4,

    /// <summary>Output was started.</summary>
    Start = 8,

    /// <summary>STOP and START are not ^S and ^Q, or count no more.</summary>
    NoStop = 16,

    /// <summary>STOP and START are ^S and ^Q, and count.</summary>
    DoStop = 32,

    /// <summary>The settings changed while EXTPROC was on.</summary>
    Settings = 64,
}
