namespace CosmosKernel.Memory.Slabs;

/// <summary>A doubly linked list of slabs. Guarded by the cache's lock.</summary>
internal unsafe struct SlabList
{
    /// <summary>The first slab, or null.</summary>
    public Slab* First;

    /// <summary>Number of slabs.</summary>
    public nuint Count;

    /// <summary>Puts a slab in front.</summary>
    public void Add(Slab* slab)
    {
        slab->Previous = null;
        slab->Next = First;
        if (First != null)
        {
            First->Previous = slab;
        }

        First = slab;
        Count++;
    }

    /// <summary>Takes a slab out, which is in this list.</summary>
    public void Remove(Slab* slab)
    {
        if (slab->Next != null)
        {
            slab->Next->Previous = slab->Previous;
        }

        if (slab->Previous != null)
        {
            slab->Previous->Next = slab->Next;
        }
        else
        {
            First = slab->Next;
        }

        Count--;
    }
}
