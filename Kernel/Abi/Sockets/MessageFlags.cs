using System;

namespace CosmosKernel.Abi.Sockets;

/// <summary>Flags of send(2) and recv(2).</summary>
[Flags]
public enum MessageFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>MSG_OOB: the urgent byte.</summary>
    OutOfBand = 1,

    /// <summary>MSG_PEEK: what is received stays.</summary>
    Peek = 2,

    /// <summary>MSG_CTRUNC: control data did not fit.</summary>
    ControlTruncated = 8,

    /// <summary>MSG_TRUNC: a message was longer than the buffer; given to recv: tell its whole length.</summary>
    Truncated = 0x20,

    /// <summary>MSG_DONTWAIT.</summary>
    DontWait = 0x40,

    /// <summary>MSG_EOR: the end of a record.</summary>
    EndOfRecord = 0x80,

    /// <summary>MSG_WAITALL: wait until all is there.</summary>
    WaitAll = 0x100,

    /// <summary>MSG_NOSIGNAL: no SIGPIPE.</summary>
    NoSignal = 0x4000,

    /// <summary>MSG_WAITFORONE of recvmmsg(2): do not wait after the first message.</summary>
    WaitForOne = 0x10000,

    /// <summary>MSG_CMSG_CLOEXEC: descriptors that are received close at exec.</summary>
    CloseOnExec = 0x4000_0000,

    /// <summary>MSG_CMSG_COMPAT: for 32-bit programs only.</summary>
    Compatible = 0x8000_0000,
}
