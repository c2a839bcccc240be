using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules;

/// <summary>Something that a module owns and that is no <see cref="IDisposable"/> itself: released once, by whoever comes first, the module or its end.</summary>
/// <param name="thing">What it stands for, so that its owner is found.</param>
/// <param name="release">Gives it back. Task context.</param>
public sealed class OwnedThing(object thing, Action release) : IDisposable
{
    [Atomic]
    private int _isReleased;

    /// <summary>What it stands for.</summary>
    public object Thing { get; } = thing;

    /// <summary>Gives it back, the first time. Task context.</summary>
    [MightSleep]
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            release();
        }
    }
}
