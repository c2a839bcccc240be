using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>Bios in the order in which they came, linked through themselves.</summary>
[Owned]
[NoAllocation]
internal sealed class BioList
{
    // How many are looked at for one that may be merged.
    private const int Looks = 8;

    private Bio? _last;

    /// <summary>The first one; null when it is empty.</summary>
    public Bio? First { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one at the end.</summary>
    public void Add(Bio bio)
    {
        bio.Next = null;
        if (_last is { } last)
        {
            last.Next = bio;
        }
        else
        {
            First = bio;
        }

        _last = bio;
        Count++;
    }

    /// <summary>Takes the first one.</summary>
    public Bio? TakeFirst()
    {
        Bio? bio = First;
        if (bio is not null)
        {
            First = bio.Next;
            if (First is null)
            {
                _last = null;
            }

            bio.Next = null;
            Count--;
        }

        return bio;
    }

    /// <summary>Makes it part of one of the first that wait, before or behind what that has.</summary>
    /// <returns>False: it belongs to none of them.</returns>
    public bool TryMerge(Bio bio, int maximumSegments, int maximumSectors)
    {
        Bio? previous = null;
        int looks = 0;
        for (Bio? at = First; at is not null && looks < Looks; at = at.Next, looks++)
        {
            if (at.CanPrecede(bio, maximumSegments, maximumSectors))
            {
                at.Append(bio);
                return true;
            }

            if (bio.CanPrecede(at, maximumSegments, maximumSectors))
            {
                bio.Append(at);
                bio.Next = at.Next;
                at.Next = null;
                if (previous is null)
                {
                    First = bio;
                }
                else
                {
                    previous.Next = bio;
                }

                if (ReferenceEquals(_last, at))
                {
                    _last = bio;
                }

                return true;
            }

            previous = at;
        }

        return false;
    }
}
