using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Terminals;

/// <summary>vhangup(2).</summary>
[SystemCall(153, "vhangup", Support.All)]
internal sealed class HangUp : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)Terminal.HangUpCurrent();
}
