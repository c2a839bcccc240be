using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Terminals;

/// <summary>System calls of terminals that are not requests of ioctl(2).</summary>
internal static class TerminalCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table) => table.Add(new HangUp());
}
