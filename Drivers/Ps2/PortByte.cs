namespace CosmosKernel.Drivers.Ps2;

/// <summary>A byte that the controller received.</summary>
/// <param name="Value">The byte.</param>
/// <param name="Port">0 or 1.</param>
/// <param name="IsBroken">The controller saw a wrong parity or a byte that did not end.</param>
internal readonly record struct PortByte(byte Value, int Port, bool IsBroken);
