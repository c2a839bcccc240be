namespace CosmosKernel.Abi;

/// <summary>Flags of sigaction(2).</summary>
public static class SignalActionFlags
{
    /// <summary>SIGCHLD is not sent when children stop or go on.</summary>
    public const ulong SA_NOCLDSTOP = 0x1;

    /// <summary>Children that end leave no zombies.</summary>
    public const ulong SA_NOCLDWAIT = 0x2;

    /// <summary>The handler takes three arguments.</summary>
    public const ulong SA_SIGINFO = 0x4;

    /// <summary>Never accepted: a program can find out that unknown flags are dropped.</summary>
    public const ulong SA_UNSUPPORTED = 0x400;

    /// <summary>Tag bits of fault addresses are shown; x86-64 has none.</summary>
    public const ulong SA_EXPOSE_TAGBITS = 0x800;

    /// <summary>The restorer is given. x86-64 needs it.</summary>
    public const ulong SA_RESTORER = 0x04000000;

    /// <summary>The handler runs on the alternate stack.</summary>
    public const ulong SA_ONSTACK = 0x08000000;

    /// <summary>Calls that the signal interrupts are made again.</summary>
    public const ulong SA_RESTART = 0x10000000;

    /// <summary>The signal is not blocked while its handler runs.</summary>
    public const ulong SA_NODEFER = 0x40000000;

    /// <summary>The action goes back to the default before the handler runs.</summary>
    public const ulong SA_RESETHAND = 0x80000000;

    /// <summary>All that are known; others are dropped.</summary>
    public const ulong Supported = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND;
}
