namespace CosmosKernel.Processes;

/// <summary>Statuses as wait(2) gives them.</summary>
public static class WaitStatus
{
    /// <summary>The process was continued.</summary>
    public const int Continued = 0xFFFF;

    /// <summary>It exited.</summary>
    /// <param name="code">What exit(2) got; its low byte counts.</param>
    public static int Exited(int code) => (code & 0xFF) << 8;

    /// <summary>A signal ended it. Core dumps are not written, so the core flag is never set.</summary>
    public static int Killed(int signal) => signal & 0x7F;

    /// <summary>It has stopped.</summary>
    public static int Stopped(int signal) => ((signal & 0xFF) << 8) | 0x7F;

    /// <summary>A signal ended the process, and it did not exit by itself.</summary>
    public static bool IsKilled(int status) => (status & 0x7F) != 0;

    /// <summary>Exit code, or the signal: what waitid(2) and SIGCHLD give.</summary>
    public static int CodeOf(int status) => IsKilled(status) ? status & 0x7F : (status >> 8) & 0xFF;
}
