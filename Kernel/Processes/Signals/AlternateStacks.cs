using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>The rules of alternate stacks (sigaltstack(2)).</summary>
internal static class AlternateStacks
{
    /// <summary>The address is on the stack: the stack pointer of a thread that runs there, the end included.</summary>
    public static bool Contains(in SignalStack stack, [UserAddress] ulong pointer) => pointer > stack.Address && pointer - stack.Address <= stack.Size;

    /// <summary>A thread with this stack pointer runs on it. One that is taken away while it is used never counts.</summary>
    public static bool IsOn(in SignalStack stack, [UserAddress] ulong pointer) => (stack.Flags & SignalStack.SS_AUTODISARM) == 0 && Contains(stack, pointer);

    /// <summary>SS_DISABLE, SS_ONSTACK, or 0: it can be used.</summary>
    public static int FlagsOf(in SignalStack stack, [UserAddress] ulong pointer) =>
        stack.Size == 0 ? SignalStack.SS_DISABLE : IsOn(stack, pointer) ? SignalStack.SS_ONSTACK : 0;

    /// <summary>What sigaltstack(2) shows.</summary>
    public static SignalStack Show(in SignalStack stack, [UserAddress] ulong pointer) => new()
    {
        Address = stack.Address,
        Size = stack.Size,
        Flags = FlagsOf(stack, pointer) | (stack.Flags & SignalStack.SS_AUTODISARM),
    };

    /// <summary>Sets a thread's.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="stack">As user space passes it.</param>
    /// <param name="pointer">Its stack pointer.</param>
    /// <returns>EPERM: it runs on the present one. EINVAL: unknown flags. ENOMEM: too small.</returns>
    public static Errno TrySet(UserThread thread, SignalStack stack, [UserAddress] ulong pointer)
    {
        Errno error = Check(thread.AlternateStack, ref stack, pointer);
        if (error == Errno.Ok)
        {
            thread.AlternateStack = stack;
        }

        return error;
    }

    /// <summary>Whether a stack may take the place of another one, and what is kept of it.</summary>
    /// <returns>As <see cref="TrySet"/>.</returns>
    public static Errno Check(in SignalStack old, ref SignalStack stack, [UserAddress] ulong pointer)
    {
        if (IsOn(old, pointer))
        {
            return Errno.EPERM;
        }

        int mode = stack.Flags & ~SignalStack.SS_AUTODISARM;
        if (mode is not (0 or SignalStack.SS_DISABLE or SignalStack.SS_ONSTACK))
        {
            return Errno.EINVAL;
        }

        if (mode == SignalStack.SS_DISABLE)
        {
            stack.Address = 0;
            stack.Size = 0;
            return Errno.Ok;
        }

        return stack.Size < SignalStack.MINSIGSTKSZ ? Errno.ENOMEM : Errno.Ok;
    }
}
