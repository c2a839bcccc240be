using System;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>Modem lines as TIOCMGET has them (ioctl_tty(2)).</summary>
[Flags]
internal enum ModemLines
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>TIOCM_DTR: we are ready.</summary>
    DataTerminalReady = 0x002,

    /// <summary>TIOCM_RTS: the other side may send.</summary>
    RequestToSend = 0x004,

    /// <summary>TIOCM_CTS: we may send.</summary>
    ClearToSend = 0x020,

    /// <summary>TIOCM_CAR: the modem has a connection.</summary>
    Carrier = 0x040,

    /// <summary>TIOCM_RNG: it rings.</summary>
    Ring = 0x080,

    /// <summary>TIOCM_DSR: the modem is ready.</summary>
    DataSetReady = 0x100,

    /// <summary>TIOCM_OUT1.</summary>
    Out1 = 0x2000,

    /// <summary>TIOCM_OUT2, which on a PC lets interrupts through: always raised while the line is used.</summary>
    Out2 = 0x4000,

    /// <summary>TIOCM_LOOP: the transmitter is connected to the receiver, and the outputs to the inputs.</summary>
    Loop = 0x8000,

    /// <summary>What a program can set.</summary>
    Outputs = DataTerminalReady | RequestToSend | Out1 | Loop,
}
