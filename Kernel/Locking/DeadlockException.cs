using System;

namespace CosmosKernel.Locking;

/// <summary>A task was refused a lock because it would have waited for itself. The message names every task and lock of the circle.</summary>
public sealed class DeadlockException(string message) : Exception(message);
