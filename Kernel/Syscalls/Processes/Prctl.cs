using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Seccomp;
using CosmosKernel.Tasks;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>prctl(2).</summary>
[SystemCall(157, "prctl", Support.Some, "PR_SET_MM, machine-check policies, tagged addresses, speculation control, PR_SET_TSC")]
internal sealed class Prctl : SystemCall
{
    private const ulong KeepCapabilities = 1 << 4;
    private const ulong KeepCapabilitiesLocked = 1 << 5;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong first = registers.Rsi;
        ulong rest = registers.Rdx | registers.R10 | registers.R8;
        Process process = thread.Process;
        switch ((int)registers.Rdi)
        {
            case ProcessControl.PR_SET_PDEATHSIG:
                return ThreadControl.SetParentDeathSignal(thread, first) ? 0 : -(long)Errno.EINVAL;
            case ProcessControl.PR_GET_PDEATHSIG:
                return Write(first, (uint)thread.ParentDeathSignal);
            case ProcessControl.PR_GET_DUMPABLE:
                return process.Dumpable;
            case ProcessControl.PR_SET_DUMPABLE:
                return ThreadControl.SetDumpable(process, first) ? 0 : -(long)Errno.EINVAL;
            case ProcessControl.PR_SET_NAME:
                return SetName(thread, first);
            case ProcessControl.PR_GET_NAME:
                return GetName(thread, first);
            case ProcessControl.PR_GET_TIMING:
                return 0;
            case ProcessControl.PR_SET_TIMING:
                return first == 0 ? 0 : -(long)Errno.EINVAL;
            case ProcessControl.PR_GET_KEEPCAPS:
                return (thread.Credentials.SecureBits & KeepCapabilities) != 0 ? 1 : 0;
            case ProcessControl.PR_SET_KEEPCAPS:
                return SetKeepCapabilities(thread, first);
            case ProcessControl.PR_GET_SECCOMP:
                return (long)thread.SeccompMode;
            case ProcessControl.PR_SET_SECCOMP when first == (ulong)SeccompMode.Strict:
                return -(long)SeccompControl.SetStrict(thread);
            case ProcessControl.PR_SET_SECCOMP when first == (ulong)SeccompMode.Filter:
                return SeccompCall.SetFilter(thread, 0, registers.Rdx);
            case ProcessControl.PR_CAPBSET_READ:
                return first > CapabilitySet.Last ? -(long)Errno.EINVAL : thread.Credentials.Bounding.Has((Capability)first) ? 1 : 0;
            case ProcessControl.PR_CAPBSET_DROP:
                return -(long)CapabilityRules.DropBounding(thread, first);
            case ProcessControl.PR_GET_SECUREBITS:
                return thread.Credentials.SecureBits;
            case ProcessControl.PR_SET_SECUREBITS:
                return -(long)CapabilityRules.SetSecureBits(thread, first);
            case ProcessControl.PR_SET_TIMERSLACK:
                thread.Task.TimerSlack = (long)first <= 0 ? 0 : first;
                return 0;
            case ProcessControl.PR_GET_TIMERSLACK:
                return (long)Math.Min(thread.Task.TimerSlack, int.MaxValue);
            case ProcessControl.PR_SET_CHILD_SUBREAPER:
                ThreadControl.SetSubreaper(process, first != 0);
                return 0;
            case ProcessControl.PR_GET_CHILD_SUBREAPER:
                return Write(first, process.IsSubreaper ? 1u : 0u);
            case ProcessControl.PR_SET_NO_NEW_PRIVS when first == 1 && rest == 0:
                ThreadControl.SetNoNewPrivileges(thread);
                return 0;
            case ProcessControl.PR_GET_NO_NEW_PRIVS when (first | rest) == 0:
                return thread.NoNewPrivileges ? 1 : 0;
            case ProcessControl.PR_GET_TID_ADDRESS:
                return WriteTidAddress(thread, first);
            case ProcessControl.PR_GET_THP_DISABLE when (first | rest) == 0:
                return 0;
            case ProcessControl.PR_CAP_AMBIENT when (registers.R10 | registers.R8) == 0:
                return CapabilityRules.Ambient(thread, first, registers.Rdx);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private static long Write([UserAddress] ulong address, uint value) => UserMemory.TryWrite(address, value) ? 0 : -(long)Errno.EFAULT;

    [MightSleep]
    [UserAccess("The address is itself what is written.")]
    private static long WriteTidAddress(UserThread thread, [UserAddress] ulong to) => UserMemory.TryWrite(to, thread.ClearChildTid) ? 0 : -(long)Errno.EFAULT;

    [MightSleep]
    private static long SetName(UserThread thread, [UserAddress] ulong from)
    {
        Span<byte> name = stackalloc byte[ThreadName.Length];
        int length = UserMemory.ReadString(from, name);
        if (length == -(int)Errno.EFAULT)
        {
            return -(long)Errno.EFAULT;
        }

        // A longer name is cut off.
        ThreadName.Set(thread, length < 0 ? name : name[..length]);
        return 0;
    }

    [MightSleep]
    private static long GetName(UserThread thread, [UserAddress] ulong to)
    {
        Span<byte> name = stackalloc byte[ThreadName.Length + 1];
        name.Clear();
        ThreadName.Get(thread, name);
        return UserMemory.TryWrite(to, name) ? 0 : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private static long SetKeepCapabilities(UserThread thread, ulong value)
    {
        Credentials old = thread.Credentials;
        if (value > 1)
        {
            return -(long)Errno.EINVAL;
        }

        if ((old.SecureBits & KeepCapabilitiesLocked) != 0)
        {
            return -(long)Errno.EPERM;
        }

        ulong bits = value == 1 ? old.SecureBits | KeepCapabilities : old.SecureBits & ~KeepCapabilities;
        CredentialChange.Set(thread, new Credentials(old) { SecureBits = (uint)bits });
        return 0;
    }
}

/// <summary>arch_prctl(2).</summary>
[SystemCall(158, "arch_prctl", Support.Some, "ARCH_MAP_VDSO_*, ARCH_REQ_XCOMP_PERM of components that are off until asked for: EOPNOTSUPP, as on a CPU without them")]
internal sealed class ArchPrctl : SystemCall
{
    private const ulong SetGs = 0x1001;
    private const ulong SetFs = 0x1002;
    private const ulong GetFs = 0x1003;
    private const ulong GetGs = 0x1004;
    private const ulong GetCpuId = 0x1011;
    private const ulong SetCpuId = 0x1012;
    private const ulong GetSupportedComponents = 0x1021;
    private const ulong GetPermittedComponents = 0x1022;
    private const ulong RequestComponent = 0x1023;
    private const ulong Components = 19;

    /// <inheritdoc/>
    [MightSleep]
    [UserAccess("A segment's base is a number that user code sets and reads.")]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong address = registers.Rsi;
        switch (registers.Rdi)
        {
            case SetFs when address < UserMemory.Limit:
                thread.Context.FsBase = address;
                return 0;
            case SetGs when address < UserMemory.Limit:
                thread.Context.GsBase = address;
                return 0;
            case SetFs or SetGs:
                return -(long)Errno.EPERM;
            case GetFs:
                return UserMemory.TryWrite(address, thread.Context.FsBase) ? 0 : -(long)Errno.EFAULT;
            case GetGs:
                return UserMemory.TryWrite(address, thread.Context.GsBase) ? 0 : -(long)Errno.EFAULT;
            case GetCpuId:
                return 1;
            case SetCpuId:
                // No CPU here can make CPUID fault.
                return -(long)Errno.ENODEV;
            case GetSupportedComponents or GetPermittedComponents:
                return UserMemory.TryWrite(address, UserContext.ExtendedStateFeatures) ? 0 : -(long)Errno.EFAULT;
            case RequestComponent:
                return -(long)(address < Components ? Errno.EOPNOTSUPP : Errno.EINVAL);
            default:
                return -(long)Errno.EINVAL;
        }
    }
}
