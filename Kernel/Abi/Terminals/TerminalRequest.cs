namespace CosmosKernel.Abi.Terminals;

/// <summary>Requests of ioctl(2) for terminals (ioctl_tty(2)).</summary>
public enum TerminalRequest : uint
{
    /// <summary>Read the settings (struct termios).</summary>
    TCGETS = 0x5401,

    /// <summary>Change the settings at once.</summary>
    TCSETS = 0x5402,

    /// <summary>Change the settings when the output has drained.</summary>
    TCSETSW = 0x5403,

    /// <summary>Change the settings when the output has drained, and drop the input.</summary>
    TCSETSF = 0x5404,

    /// <summary>Read the settings in System V's form (struct termio).</summary>
    TCGETA = 0x5405,

    /// <summary>Change them at once.</summary>
    TCSETA = 0x5406,

    /// <summary>Change them when the output has drained.</summary>
    TCSETAW = 0x5407,

    /// <summary>Change them when the output has drained, and drop the input.</summary>
    TCSETAF = 0x5408,

    /// <summary>Drain; argument 0 sends a break too.</summary>
    TCSBRK = 0x5409,

    /// <summary>Stop and start output or input.</summary>
    TCXONC = 0x540A,

    /// <summary>Drop input, output or both.</summary>
    TCFLSH = 0x540B,

    /// <summary>Nobody else may open it.</summary>
    TIOCEXCL = 0x540C,

    /// <summary>Others may open it again.</summary>
    TIOCNXCL = 0x540D,

    /// <summary>Make it the controlling terminal.</summary>
    TIOCSCTTY = 0x540E,

    /// <summary>Read the foreground process group.</summary>
    TIOCGPGRP = 0x540F,

    /// <summary>Set the foreground process group.</summary>
    TIOCSPGRP = 0x5410,

    /// <summary>Bytes that wait to be sent.</summary>
    TIOCOUTQ = 0x5411,

    /// <summary>Type a byte.</summary>
    TIOCSTI = 0x5412,

    /// <summary>Read the window's size.</summary>
    TIOCGWINSZ = 0x5413,

    /// <summary>Set the window's size.</summary>
    TIOCSWINSZ = 0x5414,

    /// <summary>Read the modem lines.</summary>
    TIOCMGET = 0x5415,

    /// <summary>Raise modem lines.</summary>
    TIOCMBIS = 0x5416,

    /// <summary>Drop modem lines.</summary>
    TIOCMBIC = 0x5417,

    /// <summary>Set the modem lines.</summary>
    TIOCMSET = 0x5418,

    /// <summary>Whether modem lines are ignored.</summary>
    TIOCGSOFTCAR = 0x5419,

    /// <summary>Set whether modem lines are ignored.</summary>
    TIOCSSOFTCAR = 0x541A,

    /// <summary>Bytes that can be read.</summary>
    FIONREAD = 0x541B,

    /// <summary>Redirect the console's output.</summary>
    TIOCCONS = 0x541D,

    /// <summary>Packet mode of a pseudo-terminal's master.</summary>
    TIOCPKT = 0x5420,

    /// <summary>Non-blocking mode on and off.</summary>
    FIONBIO = 0x5421,

    /// <summary>Give up the controlling terminal.</summary>
    TIOCNOTTY = 0x5422,

    /// <summary>Set the line discipline.</summary>
    TIOCSETD = 0x5423,

    /// <summary>Read the line discipline.</summary>
    TIOCGETD = 0x5424,

    /// <summary>As TCSBRK, with the break's length.</summary>
    TCSBRKP = 0x5425,

    /// <summary>Begin a break.</summary>
    TIOCSBRK = 0x5427,

    /// <summary>End a break.</summary>
    TIOCCBRK = 0x5428,

    /// <summary>Read the session.</summary>
    TIOCGSID = 0x5429,

    /// <summary>Read the settings with speeds (struct termios2).</summary>
    TCGETS2 = 0x802C542A,

    /// <summary>Change them at once.</summary>
    TCSETS2 = 0x402C542B,

    /// <summary>Change them when the output has drained.</summary>
    TCSETSW2 = 0x402C542C,

    /// <summary>Change them when the output has drained, and drop the input.</summary>
    TCSETSF2 = 0x402C542D,

    /// <summary>The number of the pseudo-terminal.</summary>
    TIOCGPTN = 0x80045430,

    /// <summary>Lock or unlock the slave.</summary>
    TIOCSPTLCK = 0x40045431,

    /// <summary>The device number.</summary>
    TIOCGDEV = 0x80045432,

    /// <summary>Send a signal to the slave's foreground process group.</summary>
    TIOCSIG = 0x40045436,

    /// <summary>Hang up.</summary>
    TIOCVHANGUP = 0x5437,

    /// <summary>Whether packet mode is on.</summary>
    TIOCGPKT = 0x80045438,

    /// <summary>Whether the slave is locked.</summary>
    TIOCGPTLCK = 0x80045439,

    /// <summary>Whether exclusive mode is on.</summary>
    TIOCGEXCL = 0x80045440,

    /// <summary>Open the slave of a master.</summary>
    TIOCGPTPEER = 0x5441,

    /// <summary>What of the settings is locked, as a termios of masks.</summary>
    TIOCGLCKTRMIOS = 0x5456,

    /// <summary>Lock settings.</summary>
    TIOCSLCKTRMIOS = 0x5457,

    /// <summary>Wait for a change of modem lines.</summary>
    TIOCMIWAIT = 0x545C,

    /// <summary>Read how often modem lines changed, and what went wrong.</summary>
    TIOCGICOUNT = 0x545D,

    /// <summary>Close on exec.</summary>
    FIOCLEX = 0x5451,

    /// <summary>Stay open on exec.</summary>
    FIONCLEX = 0x5450,
}
