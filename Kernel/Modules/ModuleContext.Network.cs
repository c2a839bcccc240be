using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Modules;

/// <content>Network devices, and who receives frames.</content>
public sealed partial class ModuleContext
{
    /// <summary>Adds a network device, which is down at first. While it is up the module is in use; disposing the result takes it down and away. It can go up once the module's start has returned.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    [MightSleep]
    public NetworkDevice AddNetworkDevice(NetworkDeviceOptions options, NetworkDriver driver)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(driver);
        return Own(NetworkDevices.Add(this, options, driver));
    }

    /// <summary>Gives a handler the frames of a protocol, or all frames. Disposing the result ends it: the handler then runs on no CPU, and no frame that it holds keeps anything but the frame.</summary>
    /// <exception cref="InvalidOperationException">It has been added already.</exception>
    [MightSleep]
    public IDisposable AddPacketHandler(PacketHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        PacketHandlers.Add(handler);
        return Own(new OwnedThing(handler, () => PacketHandlers.Remove(handler)));
    }

    /// <summary>Makes buffers for frames.</summary>
    /// <param name="count">How many, 1 to <see cref="PacketPool.LargestCount"/>.</param>
    /// <param name="bytes">Bytes of each with its headroom, 128 to <see cref="PacketPool.LargestBytes"/>; rounded up to a multiple of 64.</param>
    /// <param name="highestAddress">The last address that the device can reach: 0xFFFFFF (16 MiB) or above.</param>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    [MightSleep]
    public PacketPool CreatePacketPool(int count, int bytes = PacketPool.DefaultBytes, ulong highestAddress = ulong.MaxValue) => Own(PacketPool.Create(count, bytes, highestAddress));
}
