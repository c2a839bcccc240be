using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>struct iovec (readv(2)).</summary>
/// <param name="Address">A user address.</param>
/// <param name="Bytes">How many bytes from there.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IoVector(ulong Address, ulong Bytes);
