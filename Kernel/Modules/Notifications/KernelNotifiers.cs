using CosmosKernel.Modules.Network;

namespace CosmosKernel.Modules.Notifications;

/// <summary>
/// The events of the kernel that modules can be told of (<see cref="ModuleContext.AddNotifier"/>). Panics have <see cref="ModuleContext.AddPanicOutput"/>, which is called under other rules. CPUs come only at
/// boot, before modules start, and never go: there is no event for that.
/// </summary>
public static class KernelNotifiers
{
    /// <summary>The system ends: after all that user space does for it, before the machine is told. What a handler does delays the end.</summary>
    public static NotifierChain<SystemEnd> SystemEnds { get; } = new("system end");

    /// <summary>A module comes or goes. Handlers must not start or stop modules.</summary>
    public static NotifierChain<ModuleChange> ModuleChanges { get; } = new("module changes");

    /// <summary>Memory has run out. Handlers must not allocate more than they give back.</summary>
    public static NotifierChain<MemoryShortage> MemoryShortages { get; } = new("out of memory");

    /// <summary>A network device comes, goes, or changes. Handlers may send frames, and must not change devices.</summary>
    public static NotifierChain<NetworkChange> NetworkChanges { get; } = new("network devices");
}
