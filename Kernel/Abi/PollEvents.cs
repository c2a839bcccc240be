using System;

namespace CosmosKernel.Abi;

/// <summary>Events of poll(2) and epoll(7); the numbers are the same.</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN: data to read.</summary>
    In = 1,

    /// <summary>POLLPRI: something exceptional.</summary>
    Priority = 2,

    /// <summary>POLLOUT: room to write.</summary>
    Out = 4,

    /// <summary>POLLERR: an error, or the reader of a pipe is gone. Always reported.</summary>
    Error = 8,

    /// <summary>POLLHUP: the other side is gone. Always reported.</summary>
    HangUp = 0x10,

    /// <summary>POLLNVAL: no such descriptor; poll(2) only.</summary>
    Invalid = 0x20,

    /// <summary>POLLRDNORM: as In.</summary>
    ReadNormal = 0x40,

    /// <summary>POLLRDBAND.</summary>
    ReadBand = 0x80,

    /// <summary>POLLWRNORM: as Out.</summary>
    WriteNormal = 0x100,

    /// <summary>POLLWRBAND.</summary>
    WriteBand = 0x200,

    /// <summary>POLLMSG.</summary>
    Message = 0x400,

    /// <summary>POLLRDHUP: the other side of a stream has ended its writing.</summary>
    ReadHangUp = 0x2000,

    /// <summary>What a file that can always be read says.</summary>
    Readable = In | ReadNormal,

    /// <summary>What a file that can always be written says.</summary>
    Writable = Out | WriteNormal,
}
