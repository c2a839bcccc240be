using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Network;

/// <summary>Hears of network devices that come, go and get names: the layer that gives them files. Task context, without the lock of all devices.</summary>
public abstract class NetworkListener
{
    /// <summary>
    /// There are other devices, or they have other names: brings files into line with <see cref="NetworkDevices.Names"/> before it returns. May be called by several tasks at once.
    /// </summary>
    [MightSleep]
    public abstract void Changed();
}
