using CosmosKernel.Abi;

namespace CosmosKernel.Processes;

/// <summary>Which flags of clone(2) go together.</summary>
public static class CloneRules
{
    /// <summary>Flags that make namespaces: there are none beside the first of each kind.</summary>
    public const ulong Namespaces = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWCGROUP | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWIPC
        | CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_NEWPID | CloneFlags.CLONE_NEWNET;

    /// <summary>Whether flags may be asked for, and together.</summary>
    /// <param name="flags">Without the exit signal.</param>
    /// <param name="isInit">The first process asks: its children cannot be its siblings.</param>
    /// <param name="isAdministrator">The caller has CAP_SYS_ADMIN.</param>
    /// <returns>EINVAL; EPERM: a namespace, without the right to it.</returns>
    public static Errno Check(ulong flags, bool isInit, bool isAdministrator)
    {
        if (Has(flags, CloneFlags.CLONE_FS) && (flags & (CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWUSER)) != 0)
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_THREAD) && !Has(flags, CloneFlags.CLONE_SIGHAND))
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_SIGHAND) && !Has(flags, CloneFlags.CLONE_VM))
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_PARENT) && isInit)
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_THREAD) && (flags & (CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_NEWPID)) != 0)
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_PIDFD) && (flags & (CloneFlags.CLONE_DETACHED | CloneFlags.CLONE_THREAD)) != 0)
        {
            return Errno.EINVAL;
        }

        if (Has(flags, CloneFlags.CLONE_SIGHAND) && Has(flags, CloneFlags.CLONE_CLEAR_SIGHAND))
        {
            return Errno.EINVAL;
        }

        if ((flags & (Namespaces & ~CloneFlags.CLONE_NEWUSER)) != 0 && !Has(flags, CloneFlags.CLONE_NEWUSER) && !isAdministrator)
        {
            return Errno.EPERM;
        }

        return (flags & (Namespaces | CloneFlags.CLONE_INTO_CGROUP)) != 0 ? Errno.EINVAL : Errno.Ok;
    }

    /// <summary>The further rules of clone3(2): every bit is known, and each thing is said in one place.</summary>
    /// <returns>EINVAL.</returns>
    public static Errno CheckArguments(in CloneArguments arguments)
    {
        const ulong Known = 0xFFFF_FF00ul | CloneFlags.CLONE_CLEAR_SIGHAND | CloneFlags.CLONE_INTO_CGROUP;
        ulong flags = arguments.Flags;
        if ((flags & ~Known) != 0 || (flags & (CloneFlags.CLONE_DETACHED | CloneFlags.CLONE_NEWTIME)) != 0)
        {
            return Errno.EINVAL;
        }

        if (arguments.ExitSignal > Signal.SIGRTMAX || (arguments.ExitSignal != 0 && (flags & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_PARENT)) != 0))
        {
            return Errno.EINVAL;
        }

        if ((arguments.Stack == 0) != (arguments.StackSize == 0))
        {
            return Errno.EINVAL;
        }

        return (arguments.SetTid == 0) == (arguments.SetTidSize == 0) ? Errno.Ok : Errno.EINVAL;
    }

    internal static bool Has(ulong flags, ulong flag) => (flags & flag) != 0;
}
