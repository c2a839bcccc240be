using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>ioctl(2).</summary>
[SystemCall(16, "ioctl", Support.Some, "requests of devices that are not there")]
internal sealed class ControlCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => ControlArguments.Control(thread, (int)registers.Rdi, (uint)registers.Rsi, registers.Rdx);
}

/// <summary>fcntl(2).</summary>
[SystemCall(72, "fcntl", Support.All)]
internal sealed class FileControlCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => ControlArguments.FileControl(thread, (int)registers.Rdi, (int)registers.Rsi, registers.Rdx);
}

/// <summary>flock(2).</summary>
[SystemCall(73, "flock", Support.All)]
internal sealed class LockCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => ControlArguments.Lock(thread, (int)registers.Rdi, (int)registers.Rsi);
}
