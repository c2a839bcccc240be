namespace CosmosKernel.Abi;

/// <summary>Numbers of signals (signal(7)). Standard signals are 1 to 31, real-time signals 32 to 64.</summary>
public static class Signal
{
    /// <summary>The terminal hung up, or the process that controls it ended.</summary>
    public const int SIGHUP = 1;

    /// <summary>Interrupt from the keyboard.</summary>
    public const int SIGINT = 2;

    /// <summary>Quit from the keyboard.</summary>
    public const int SIGQUIT = 3;

    /// <summary>Illegal instruction.</summary>
    public const int SIGILL = 4;

    /// <summary>Breakpoint or single step.</summary>
    public const int SIGTRAP = 5;

    /// <summary>abort(3).</summary>
    public const int SIGABRT = 6;

    /// <summary>Access to memory that is mapped and not there.</summary>
    public const int SIGBUS = 7;

    /// <summary>Arithmetic error.</summary>
    public const int SIGFPE = 8;

    /// <summary>Ends the process; cannot be caught.</summary>
    public const int SIGKILL = 9;

    /// <summary>For programs to use.</summary>
    public const int SIGUSR1 = 10;

    /// <summary>Invalid access to memory.</summary>
    public const int SIGSEGV = 11;

    /// <summary>For programs to use.</summary>
    public const int SIGUSR2 = 12;

    /// <summary>Write to a pipe that nobody reads.</summary>
    public const int SIGPIPE = 13;

    /// <summary>The timer of alarm(2) and ITIMER_REAL.</summary>
    public const int SIGALRM = 14;

    /// <summary>Asks the process to end.</summary>
    public const int SIGTERM = 15;

    /// <summary>Unused by the kernel.</summary>
    public const int SIGSTKFLT = 16;

    /// <summary>A child stopped, went on or ended.</summary>
    public const int SIGCHLD = 17;

    /// <summary>Go on if stopped.</summary>
    public const int SIGCONT = 18;

    /// <summary>Stop; cannot be caught.</summary>
    public const int SIGSTOP = 19;

    /// <summary>Stop from the keyboard.</summary>
    public const int SIGTSTP = 20;

    /// <summary>Read from the terminal in the background.</summary>
    public const int SIGTTIN = 21;

    /// <summary>Write to the terminal in the background.</summary>
    public const int SIGTTOU = 22;

    /// <summary>Urgent data on a socket.</summary>
    public const int SIGURG = 23;

    /// <summary>The limit of CPU time is used up.</summary>
    public const int SIGXCPU = 24;

    /// <summary>The limit of a file's size is reached.</summary>
    public const int SIGXFSZ = 25;

    /// <summary>The timer of ITIMER_VIRTUAL.</summary>
    public const int SIGVTALRM = 26;

    /// <summary>The timer of ITIMER_PROF.</summary>
    public const int SIGPROF = 27;

    /// <summary>The terminal's size changed.</summary>
    public const int SIGWINCH = 28;

    /// <summary>I/O is possible.</summary>
    public const int SIGIO = 29;

    /// <summary>Power failure.</summary>
    public const int SIGPWR = 30;

    /// <summary>System call that a filter refuses.</summary>
    public const int SIGSYS = 31;

    /// <summary>The first real-time signal, for the kernel; the C libraries keep the first ones for themselves.</summary>
    public const int SIGRTMIN = 32;

    /// <summary>The last real-time signal, and the number of signals.</summary>
    public const int SIGRTMAX = 64;
}
