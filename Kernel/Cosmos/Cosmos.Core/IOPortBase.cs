namespace Cosmos.Core;

/// <summary>A port, for kernels of the time when Cosmos had an object for each.</summary>
public abstract class IOPortBase
{
    /// <summary>Names a port.</summary>
    /// <param name="aPort">The first one.</param>
    protected IOPortBase(ushort aPort) => Port = aPort;

    /// <summary>Names a port.</summary>
    /// <param name="aBase">The first one of a device.</param>
    /// <param name="aOffset">Its number from there.</param>
    protected IOPortBase(ushort aBase, ushort aOffset) => Port = (ushort)(aBase + aOffset);

    /// <summary>The port's number.</summary>
    public ushort Port { get; }

    /// <summary>Waits about a microsecond.</summary>
    public static void Wait() => IOPort.Wait();
}
