using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Testing;

/// <summary>
/// Data that a lock guards, made so that whoever is inside together with a writer is found out: two numbers that differ only while a writer is inside, changed without any
/// atomic instruction, so that a lost increment shows. Any context.
/// </summary>
[Protocol("Guarded by the lock under test, whichever that is: what the witness proves is that it was held.")]
public sealed class Witness
{
    private long _first;
    private long _second;
    private int _writers;
    private bool _broken;

    /// <summary>Times a writer was inside.</summary>
    public long Writes => Volatile.Read(ref _second);

    /// <summary>True when somebody was ever inside together with a writer.</summary>
    public bool IsBroken => Volatile.Read(ref _broken);

    /// <summary>With the lock held exclusively: goes in, stays for so many rounds, and looks whether anybody else is inside.</summary>
    /// <returns>True when nobody was.</returns>
    [NoAllocation]
    public bool Write(int rounds)
    {
        bool alone = ++_writers == 1;
        long before = _first;
        Volatile.Write(ref _first, before + 1);
        Stay(rounds);
        alone &= Volatile.Read(ref _second) == before && Volatile.Read(ref _first) == before + 1;
        Volatile.Write(ref _second, before + 1);
        alone &= _writers-- == 1;
        return Note(alone);
    }

    /// <summary>With the lock held by readers: goes in, stays for so many rounds, and looks whether a writer is inside.</summary>
    /// <returns>True when none was.</returns>
    [NoAllocation]
    public bool Read(int rounds)
    {
        long before = Volatile.Read(ref _first);
        Stay(rounds);
        return Note(Volatile.Read(ref _second) == before && Volatile.Read(ref _first) == before && Volatile.Read(ref _writers) == 0);
    }

    private void Stay(int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            Volatile.Read(ref _first);
        }
    }

    private bool Note(bool alone)
    {
        if (!alone)
        {
            Volatile.Write(ref _broken, true);
        }

        return alone;
    }
}
