namespace CosmosKernel.Runtime.Heap;

/// <summary>The first two words of a page that is on a <see cref="PageList"/>.</summary>
internal unsafe struct PageLinks
{
    /// <summary>The next page; null at the end.</summary>
    public PageLinks* Next;

    /// <summary>The previous page; null at the start.</summary>
    public PageLinks* Previous;
}

/// <summary>Doubly linked lists of the pages of the heap's tables. The owner of a list holds the lock that guards it.</summary>
internal static unsafe class PageList
{
    /// <summary>Puts a page at the start of a list.</summary>
    public static void Link(ref ulong head, PageLinks* page)
    {
        page->Previous = null;
        page->Next = (PageLinks*)head;
        if (page->Next != null)
        {
            page->Next->Previous = page;
        }

        head = (ulong)page;
    }

    /// <summary>Takes a page off its list.</summary>
    public static void Unlink(ref ulong head, PageLinks* page)
    {
        if (page->Previous != null)
        {
            page->Previous->Next = page->Next;
        }
        else
        {
            head = (ulong)page->Next;
        }

        if (page->Next != null)
        {
            page->Next->Previous = page->Previous;
        }

        page->Next = null;
        page->Previous = null;
    }
}
