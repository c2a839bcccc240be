using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>reboot(2).</summary>
[SystemCall(169, "reboot", Support.Some, "LINUX_REBOOT_CMD_SW_SUSPEND and LINUX_REBOOT_CMD_KEXEC give EINVAL; no key is Ctrl-Alt-Delete, so turning it on and off changes nothing.")]
internal sealed class Reboot : SystemCall
{
    private const int LongestCommand = 256;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (!Credentials.Current.Has(Capability.SysBoot))
        {
            return -(long)Errno.EPERM;
        }

        if ((uint)registers.Rdi != SystemConstants.RebootMagic1 || !SystemConstants.IsRebootMagic2((uint)registers.Rsi))
        {
            return -(long)Errno.EINVAL;
        }

        switch ((uint)registers.Rdx)
        {
            case SystemConstants.RebootCadOn or SystemConstants.RebootCadOff:
                return 0;
            case SystemConstants.RebootPowerOff:
                SystemPower.PowerOff();
                break;
            case SystemConstants.RebootHalt:
                SystemPower.Halt();
                break;
            case SystemConstants.RebootRestart:
                SystemPower.Reboot();
                break;
            case SystemConstants.RebootRestart2:
                System.Span<byte> command = stackalloc byte[LongestCommand];
                int read = UserMemory.ReadString(registers.R10, command);
                if (read == -(int)Errno.EFAULT)
                {
                    return -(long)Errno.EFAULT;
                }

                // What it says is for machines with firmware that listens.
                SystemPower.Reboot();
                break;
        }

        return -(long)Errno.EINVAL;
    }
}
