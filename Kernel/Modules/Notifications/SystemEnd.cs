namespace CosmosKernel.Modules.Notifications;

/// <summary>How the system ends.</summary>
public enum SystemEnd
{
    /// <summary>The machine is switched off.</summary>
    PowerOff,

    /// <summary>The machine starts anew.</summary>
    Restart,

    /// <summary>All CPUs stop, and the machine stays on.</summary>
    Halt,
}
