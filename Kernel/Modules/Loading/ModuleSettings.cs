using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Loading;

/// <summary>What /proc/sys/kernel says about modules (Linux, Documentation/admin-guide/sysctl/kernel.rst). Any task.</summary>
public static class ModuleSettings
{
    [Atomic]
    private static int s_disabled;

    /// <summary>Whether loading and unloading are forbidden until the next boot. Once true it stays so.</summary>
    public static bool IsDisabled => Volatile.Read(ref s_disabled) != 0;

    /// <summary>Forbids loading and unloading until the next boot.</summary>
    public static void Disable() => Volatile.Write(ref s_disabled, 1);
}
