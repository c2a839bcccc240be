using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>
/// What is known of a signal: the first 48 bytes of <c>siginfo_t</c> (sigaction(2)), all that any kind of signal uses; the other 80 are 0. The four words from offset 16 mean
/// different things for different codes; the properties name them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct SignalInfo
{
    /// <summary>Bytes of <c>siginfo_t</c>.</summary>
    public const int Bytes = 128;

    /// <summary>Bytes of this.</summary>
    public const int UsedBytes = 48;

    /// <summary><c>si_signo</c>: the signal, 1 to 64.</summary>
    public int Number;

    /// <summary><c>si_errno</c>: nearly always 0.</summary>
    public int Error;

    /// <summary><c>si_code</c>, see <see cref="SignalCode"/>.</summary>
    public int Code;

    private readonly uint _padding;

    /// <summary>Offset 16: <c>si_pid</c> and <c>si_uid</c>, or <c>si_addr</c>, <c>si_band</c>, <c>si_call_addr</c>, <c>si_tid</c> and <c>si_overrun</c>.</summary>
    public ulong Word0;

    /// <summary>Offset 24: <c>si_value</c>, or <c>si_status</c>, <c>si_fd</c>, <c>si_addr_lsb</c>, <c>si_syscall</c> and <c>si_arch</c>.</summary>
    public ulong Word1;

    /// <summary>Offset 32: <c>si_utime</c>, <c>si_lower</c>.</summary>
    public ulong Word2;

    /// <summary>Offset 40: <c>si_stime</c>, <c>si_upper</c>.</summary>
    public ulong Word3;

    /// <summary><c>si_pid</c>: who sent it.</summary>
    public readonly int Pid => (int)Word0;

    /// <summary><c>si_uid</c>: the sender's real user id.</summary>
    public readonly uint Uid => (uint)(Word0 >> 32);

    /// <summary><c>si_status</c> of SIGCHLD: exit code or signal.</summary>
    public readonly int Status => (int)Word1;

    /// <summary>The signal comes from the kernel, which no program can claim (sigqueue(3)).</summary>
    public readonly bool IsFromKernel => Code > 0;

    /// <summary>A signal of the kernel without more to say of it.</summary>
    public static SignalInfo Kernel(int number) => new() { Number = number, Code = SignalCode.SI_KERNEL };

    /// <summary>A signal that a program sends.</summary>
    /// <param name="number">The signal.</param>
    /// <param name="code">SI_USER or SI_TKILL.</param>
    /// <param name="pid">The sending process.</param>
    /// <param name="uid">Its real user id.</param>
    public static SignalInfo FromUser(int number, int code, int pid, uint uid) => new() { Number = number, Code = code, Word0 = Pair(pid, uid) };

    /// <summary>A fault.</summary>
    /// <param name="number">SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGTRAP.</param>
    /// <param name="code">Why.</param>
    /// <param name="address"><c>si_addr</c>.</param>
    public static SignalInfo Fault(int number, int code, ulong address) => new() { Number = number, Code = code, Word0 = address };

    /// <summary>What a parent learns of its child.</summary>
    /// <param name="number">The signal, SIGCHLD as a rule.</param>
    /// <param name="code">CLD_EXITED and so on.</param>
    /// <param name="pid">The child.</param>
    /// <param name="uid">Its real user id.</param>
    /// <param name="status">Exit code or signal.</param>
    /// <param name="userTicks">Its time in user mode, in ticks of 10 ms.</param>
    /// <param name="systemTicks">Its time in the kernel, in ticks of 10 ms.</param>
    public static SignalInfo Child(int number, int code, int pid, uint uid, int status, ulong userTicks, ulong systemTicks) =>
        new() { Number = number, Code = code, Word0 = Pair(pid, uid), Word1 = (uint)status, Word2 = userTicks, Word3 = systemTicks };

    private static ulong Pair(int pid, uint uid) => (uint)pid | ((ulong)uid << 32);
}
