using System.Numerics;
using CosmosKernel.Abi;

namespace CosmosKernel.Processes;

/// <summary>A set of signals: <c>sigset_t</c> of the kernel, 64 bits, bit N - 1 for signal N (sigsetops(3)).</summary>
/// <param name="Bits">As user space passes it.</param>
public readonly record struct SignalSet(ulong Bits)
{
    /// <summary>Bytes of a set: what calls that take a set's size insist on.</summary>
    public const ulong Bytes = 8;

    /// <summary>All signals.</summary>
    public static SignalSet All => new(ulong.MaxValue);

    /// <summary>SIGKILL and SIGSTOP: never blocked, caught or ignored.</summary>
    public static SignalSet Unstoppable => Of(Signal.SIGKILL) | Of(Signal.SIGSTOP);

    /// <summary>Signals whose default action stops the process.</summary>
    public static SignalSet Stopping => Of(Signal.SIGSTOP) | Of(Signal.SIGTSTP) | Of(Signal.SIGTTIN) | Of(Signal.SIGTTOU);

    /// <summary>Signals whose default action does nothing; SIGCONT's is done when it is sent.</summary>
    public static SignalSet IgnoredByDefault => Of(Signal.SIGCONT) | Of(Signal.SIGCHLD) | Of(Signal.SIGWINCH) | Of(Signal.SIGURG);

    /// <summary>Signals whose default action is to dump core.</summary>
    public static SignalSet CoreDumping =>
        Synchronous | Of(Signal.SIGQUIT) | Of(Signal.SIGABRT) | Of(Signal.SIGXCPU) | Of(Signal.SIGXFSZ);

    /// <summary>Signals that the running thread itself causes: they come before all others, so that their frame shows where.</summary>
    public static SignalSet Synchronous =>
        Of(Signal.SIGSEGV) | Of(Signal.SIGBUS) | Of(Signal.SIGILL) | Of(Signal.SIGTRAP) | Of(Signal.SIGFPE) | Of(Signal.SIGSYS);

    /// <summary>There is none in it.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>The lowest number in it; 0 when it is empty.</summary>
    public int First => Bits == 0 ? 0 : BitOperations.TrailingZeroCount(Bits) + 1;

    /// <summary>The set with one signal, 1 to 64.</summary>
    public static SignalSet Of(int signal) => new(1UL << (signal - 1));

    /// <summary>The signal is in it.</summary>
    public bool Contains(int signal) => (Bits & (1UL << (signal - 1))) != 0;

    /// <summary>What is in this one and not in the other.</summary>
    public SignalSet Without(SignalSet other) => new(Bits & ~other.Bits);

    /// <summary>What is in one of them.</summary>
    public static SignalSet operator |(SignalSet left, SignalSet right) => new(left.Bits | right.Bits);

    /// <summary>What is in both.</summary>
    public static SignalSet operator &(SignalSet left, SignalSet right) => new(left.Bits & right.Bits);

    /// <summary>What is not in it.</summary>
    public static SignalSet operator ~(SignalSet set) => new(~set.Bits);
}
