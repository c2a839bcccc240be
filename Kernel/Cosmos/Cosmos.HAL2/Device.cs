namespace Cosmos.HAL;

/// <summary>A device.</summary>
public abstract class Device;
