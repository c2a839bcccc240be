using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block;

/// <summary>
/// Errors of write-back, so that each open file hears of each error once, also when another one has heard of it, and an error that nobody has heard of is told to the next who opens the file (Linux,
/// Documentation/core-api/errseq: the idea). A 64-bit word: number of the error, its errno, and whether anybody has heard of it. Any context.
/// </summary>
[NoAllocation]
internal sealed class ErrorSequence
{
    private const long Seen = 1;
    private const int ErrorShift = 1;
    private const int NumberShift = 16;
    private const long ErrorMask = 0x7FFF;

    [Atomic]
    private long _word = Seen;

    /// <summary>A write has failed.</summary>
    public void Add(Errno error)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            // What nobody has heard of yet counts as the same error.
            long number = word >> NumberShift;
            long next = (((word & Seen) != 0 ? number + 1 : number) << NumberShift) | ((long)error << ErrorShift);
            long found = Interlocked.CompareExchange(ref _word, next, word);
            if (found == word)
            {
                return;
            }

            word = found;
        }
    }

    /// <summary>Where a new open file begins: before an error that nobody has heard of.</summary>
    public long Sample()
    {
        long word = Volatile.Read(ref _word);
        long number = word >> NumberShift;
        return (word & Seen) != 0 ? number : number - 1;
    }

    /// <summary>What has happened since an open file asked.</summary>
    /// <param name="since">The open file's; moves on.</param>
    public Errno Check(ref long since)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            long number = word >> NumberShift;
            long before = Volatile.Read(ref since);
            if (number == before)
            {
                return Errno.Ok;
            }

            if ((word & Seen) != 0 || Interlocked.CompareExchange(ref _word, word | Seen, word) is var found && found == word)
            {
                // Of two that ask through one open file, one hears of it.
                return Interlocked.CompareExchange(ref since, number, before) == before ? (Errno)((word >> ErrorShift) & ErrorMask) : Errno.Ok;
            }

            word = Volatile.Read(ref _word);
        }
    }
}
