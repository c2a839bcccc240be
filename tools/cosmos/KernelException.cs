using System;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>An assembly cannot be made into an image; the message says why and where.</summary>
internal sealed class KernelException(string message) : Exception(message)
{
}
