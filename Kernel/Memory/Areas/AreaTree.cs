namespace CosmosKernel.Memory.Areas;

/// <summary>
/// All ranges of the virtual areas by address: a treap (Seidel and Aragon, Algorithmica 16, 1996), in which each node also knows the largest free range below
/// it, so that the lowest free range of a size is found in logarithmic time. Nodes belong to the caller; no locking here.
/// </summary>
internal unsafe struct AreaTree
{
    private VirtualArea* _root;
    private uint _random;

    /// <summary>The topmost node, for checks.</summary>
    public readonly VirtualArea* Root => _root;

    /// <summary>Adds a range that overlaps none.</summary>
    public void Insert(VirtualArea* area)
    {
        area->Left = null;
        area->Right = null;
        area->Priority = NextRandom();
        VirtualArea* parent = null;
        VirtualArea* node = _root;
        while (node != null)
        {
            parent = node;
            node = area->FirstPage < node->FirstPage ? node->Left : node->Right;
        }

        area->Parent = parent;
        if (parent == null)
        {
            _root = area;
        }
        else if (area->FirstPage < parent->FirstPage)
        {
            parent->Left = area;
        }
        else
        {
            parent->Right = area;
        }

        while (area->Parent != null && area->Parent->Priority < area->Priority)
        {
            RotateUp(area);
        }

        Update(area);
    }

    /// <summary>Takes a range out.</summary>
    public void Remove(VirtualArea* area)
    {
        while (area->Left != null || area->Right != null)
        {
            bool left = area->Right == null || (area->Left != null && area->Left->Priority > area->Right->Priority);
            RotateUp(left ? area->Left : area->Right);
        }

        VirtualArea* parent = area->Parent;
        Replace(area, null);
        if (parent != null)
        {
            Update(parent);
        }
    }

    /// <summary>Recomputes what the tree knows of free ranges, after a range changed its size or use.</summary>
    public static void Update(VirtualArea* area)
    {
        for (VirtualArea* node = area; node != null; node = node->Parent)
        {
            UpdateNode(node);
        }
    }

    /// <summary>The range that contains a page, or null.</summary>
    public readonly VirtualArea* Find(ulong page)
    {
        VirtualArea* node = _root;
        while (node != null)
        {
            if (page < node->FirstPage)
            {
                node = node->Left;
            }
            else if (page >= node->EndPage)
            {
                node = node->Right;
            }
            else
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>The free range with the lowest address that has this many pages, or null.</summary>
    public readonly VirtualArea* FindFree(ulong pages)
    {
        VirtualArea* node = _root;
        if (node == null || node->LargestFree < pages)
        {
            return null;
        }

        while (true)
        {
            if (node->Left != null && node->Left->LargestFree >= pages)
            {
                node = node->Left;
            }
            else if (node->Use == VirtualAreaUse.Free && node->Pages >= pages)
            {
                return node;
            }
            else
            {
                node = node->Right;
            }
        }
    }

    /// <summary>The range at the next higher address, or null.</summary>
    public static VirtualArea* Next(VirtualArea* area)
    {
        if (area->Right != null)
        {
            area = area->Right;
            while (area->Left != null)
            {
                area = area->Left;
            }

            return area;
        }

        while (area->Parent != null && area->Parent->Right == area)
        {
            area = area->Parent;
        }

        return area->Parent;
    }

    /// <summary>The range at the next lower address, or null.</summary>
    public static VirtualArea* Previous(VirtualArea* area)
    {
        if (area->Left != null)
        {
            area = area->Left;
            while (area->Right != null)
            {
                area = area->Right;
            }

            return area;
        }

        while (area->Parent != null && area->Parent->Left == area)
        {
            area = area->Parent;
        }

        return area->Parent;
    }

    private static void UpdateNode(VirtualArea* node)
    {
        ulong largest = node->Use == VirtualAreaUse.Free ? node->Pages : 0;
        if (node->Left != null && node->Left->LargestFree > largest)
        {
            largest = node->Left->LargestFree;
        }

        if (node->Right != null && node->Right->LargestFree > largest)
        {
            largest = node->Right->LargestFree;
        }

        node->LargestFree = largest;
    }

    // The node takes its parent's place, and the parent becomes its child.
    private void RotateUp(VirtualArea* node)
    {
        VirtualArea* parent = node->Parent;
        Replace(parent, node);
        if (parent->Left == node)
        {
            parent->Left = node->Right;
            if (node->Right != null)
            {
                node->Right->Parent = parent;
            }

            node->Right = parent;
        }
        else
        {
            parent->Right = node->Left;
            if (node->Left != null)
            {
                node->Left->Parent = parent;
            }

            node->Left = parent;
        }

        parent->Parent = node;
        UpdateNode(parent);
        UpdateNode(node);
    }

    private void Replace(VirtualArea* node, VirtualArea* with)
    {
        VirtualArea* parent = node->Parent;
        if (parent == null)
        {
            _root = with;
        }
        else if (parent->Left == node)
        {
            parent->Left = with;
        }
        else
        {
            parent->Right = with;
        }

        if (with != null)
        {
            with->Parent = parent;
        }
    }

    // Marsaglia's xorshift (Journal of Statistical Software 8, 2003); the seed is not a secret.
    private uint NextRandom()
    {
        uint x = _random == 0 ? 2463534242u : _random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        _random = x;
        return x;
    }
}
