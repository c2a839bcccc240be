using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Slabs;

/// <summary>
/// Objects of one size, cut from slabs (Bonwick, USENIX 1994), with a magazine for each CPU in front. Slabs are partly used, full or empty; a cache keeps
/// few empty ones and gives the others back to the frame allocator. Lives in native memory, never moves, is never destroyed.
/// Allocation and release may be called from any context but NMI; contents of an object are whatever was in it before.
/// <para>Lock order: a magazine, then the cache, then frames. New slabs are taken from the frame allocator with no lock held, since it may ask caches to shrink.</para>
/// </summary>
public unsafe struct SlabCache
{
    /// <summary>Bytes of the largest object.</summary>
    public const int LargestObject = 2048;

    private const int EmptySlabsKept = 2;
    private const int MostFrames = 8;

    private static SlabCache s_magazineCache;

    [Atomic]
    private static nuint s_first;

    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock))]
    private SlabList _partial;

    [GuardedBy(nameof(_lock))]
    private SlabList _full;

    [GuardedBy(nameof(_lock))]
    private SlabList _empty;

    [Immutable]
    private uint _objectSize;

    [Immutable]
    private uint _reciprocal;

    [Immutable]
    private int _objects;

    [Immutable]
    private int _frames;

    [Immutable]
    private bool _hasMagazines;

    [Immutable]
    private byte* _name;

    [Immutable]
    private int _nameLength;

    [Immutable]
    private SlabCache* _next;

    // A Magazine* for each CPU, made when the CPU first needs it.
    [Protocol("A slot is set once, by the interlocked exchange that publishes the magazine, and read by volatile reads.")]
    private fixed ulong _magazines[Cpu.Maximum];

    /// <summary>The list of all caches, for reports; follow <see cref="Next"/>.</summary>
    public static SlabCache* First => (SlabCache*)Volatile.Read(ref s_first);

    /// <summary>The next one in the list of all caches.</summary>
    public readonly SlabCache* Next => _next;

    /// <summary>UTF-8 name for reports.</summary>
    public readonly ReadOnlySpan<byte> Name => new(_name, _nameLength);

    /// <summary>Bytes of an object, a multiple of 16.</summary>
    public readonly int ObjectSize => (int)_objectSize;

    /// <summary>Objects in a slab.</summary>
    public readonly int ObjectsPerSlab => _objects;

    /// <summary>Frames of a slab.</summary>
    public readonly int FramesPerSlab => _frames;

    /// <summary>Slabs in all, and empty ones among them. A snapshot.</summary>
    public (nuint All, nuint Empty) Slabs
    {
        get
        {
            using (_lock.Enter())
            {
                return (_partial.Count + _full.Count + _empty.Count, _empty.Count);
            }
        }
    }

    /// <summary>Objects that are in use, which those in magazines do not count as.</summary>
    public nuint CountObjectsInUse()
    {
        nuint taken;
        nuint stocked = 0;
        using (_lock.Enter())
        {
            taken = _full.Count * (nuint)_objects;
            for (Slab* slab = _partial.First; slab != null; slab = slab->Next)
            {
                taken += (nuint)(_objects - slab->FreeCount);
            }
        }

        for (int i = 0; i < Cpu.Count; i++)
        {
            var magazine = (Magazine*)Volatile.Read(ref _magazines[i]);
            stocked += magazine == null ? 0 : (nuint)Volatile.Read(ref magazine->Count);
        }

        // The stocks change meanwhile, and may hold more by now than was taken then.
        return taken > stocked ? taken - stocked : 0;
    }

    /// <summary>Makes a cache. Any context; task context is usual.</summary>
    /// <param name="name">UTF-8 literal (static data), for reports.</param>
    /// <param name="objectSize">Bytes, 1 to <see cref="LargestObject"/>; rounded up to a multiple of 16. Objects of a power of two are aligned to it, others to 16.</param>
    /// <returns>Null when memory ran out or the size is out of range.</returns>
    [SuppressMessage("CosmosKernel.Locking", "CKL020", Justification = "The cache is made here, in native memory, and nobody sees it before the exchange.")]
    [SuppressMessage("CosmosKernel.Locking", "CKL024", Justification = "The cache is made here, in native memory, and nobody sees it before the exchange.")]
    public static SlabCache* Create(ReadOnlySpan<byte> name, int objectSize)
    {
        if (objectSize is < 1 or > LargestObject)
        {
            return null;
        }

        Frame* frame = FrameAllocator.AllocateCleared(FrameUse.Kernel);
        if (frame == null)
        {
            return null;
        }

        var cache = (SlabCache*)FrameTable.AddressOf(frame);
        cache->Initialize(name, objectSize, hasMagazines: true);
        nuint first;
        do
        {
            first = Volatile.Read(ref s_first);
            cache->_next = (SlabCache*)first;
        }
        while (Interlocked.CompareExchange(ref s_first, (nuint)cache, first) != first);
        return cache;
    }

    /// <summary>Takes an object; null when memory ran out.</summary>
    public void* Allocate()
    {
        Magazine* magazine = GetMagazine();
        if (magazine != null)
        {
            using (magazine->Lock.Enter())
            {
                if (magazine->Count == 0)
                {
                    magazine->Count = TakeBatch(magazine->Objects, Magazine.Capacity / 2);
                }

                if (magazine->Count != 0)
                {
                    return (void*)magazine->Objects[--magazine->Count];
                }
            }
        }
        else
        {
            ulong single;
            if (TakeBatch(&single, 1) != 0)
            {
                return (void*)single;
            }
        }

        return AllocateFromNewSlab();
    }

    /// <summary>Gives an object of this cache back. Panics when it is no object of this cache; a double release panics at the latest when the magazine is emptied.</summary>
    public void Free(void* item)
    {
        Locate(item, out _);
        Magazine* magazine = GetMagazine();
        if (magazine == null)
        {
            ulong single = (ulong)item;
            GiveBatch(&single, 1, EmptySlabsKept);
            return;
        }

        using (magazine->Lock.Enter())
        {
            if (magazine->Count == Magazine.Capacity)
            {
                // The lower half was released longest ago.
                const int half = Magazine.Capacity / 2;
                GiveBatch(magazine->Objects, half, EmptySlabsKept);
                magazine->Count -= half;
                for (int i = 0; i < magazine->Count; i++)
                {
                    magazine->Objects[i] = magazine->Objects[i + half];
                }
            }

            magazine->Objects[magazine->Count++] = (ulong)item;
        }
    }

    /// <summary>Empties the magazines of all CPUs and gives all empty slabs back.</summary>
    public void Shrink()
    {
        for (int i = 0; i < Cpu.Count; i++)
        {
            var magazine = (Magazine*)Volatile.Read(ref _magazines[i]);
            if (magazine != null)
            {
                using (magazine->Lock.Enter())
                {
                    GiveBatch(magazine->Objects, magazine->Count, 0);
                    magazine->Count = 0;
                }
            }
        }

        GiveBatch(null, 0, 0);
    }

    /// <summary>Shrinks all caches.</summary>
    public static void ShrinkAll()
    {
        for (SlabCache* cache = First; cache != null; cache = cache->_next)
        {
            cache->Shrink();
        }
    }

    /// <summary>Prepares the cache that magazines come from. Boot CPU, once, before the first cache.</summary>
    [BeforePublication]
    internal static void InitializeAll()
    {
        Volatile.Write(ref s_first, 0);
        s_magazineCache = default;
        s_magazineCache.Initialize("magazine"u8, Magazine.Bytes, hasMagazines: false);
    }

    [BeforePublication]
    private void Initialize(ReadOnlySpan<byte> name, int objectSize, bool hasMagazines)
    {
        _name = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
        _nameLength = name.Length;
        _lock = new IrqSpinLock(LockClass.SlabCache);
        _objectSize = (uint)((objectSize + 15) & ~15);
        _hasMagazines = hasMagazines;

        // Rounded up: the quotient of an offset below 2^15 is then exact.
        _reciprocal = (uint)((0x1_0000_0000 + _objectSize - 1) / _objectSize);

        // The fewest frames that hold eight objects and waste no more than an eighth.
        _frames = 1;
        while (_frames < MostFrames && (ObjectsIn(_frames) < 8 || WasteOf(_frames) * 8 > _frames * Frame.Size))
        {
            _frames *= 2;
        }

        _objects = ObjectsIn(_frames);
    }

    private readonly int ObjectsIn(int frames)
    {
        int objects = ((frames * Frame.Size) - Slab.Bytes) / (int)_objectSize;
        return objects < Slab.MostObjects ? objects : Slab.MostObjects;
    }

    private readonly int WasteOf(int frames) => (frames * Frame.Size) - (ObjectsIn(frames) * (int)_objectSize);

    private Magazine* GetMagazine()
    {
        if (!_hasMagazines)
        {
            return null;
        }

        ref ulong slot = ref _magazines[Cpu.CurrentIndex];
        var magazine = (Magazine*)Volatile.Read(ref slot);
        return magazine != null ? magazine : AddMagazine(ref slot);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Magazine* AddMagazine(ref ulong slot)
    {
        var fresh = (Magazine*)s_magazineCache.Allocate();
        if (fresh == null)
        {
            return null;
        }

        *fresh = default;
        fresh->Lock = new IrqSpinLock(LockClass.SlabMagazine);

        // A full fence: who sees the pointer sees an empty magazine.
        ulong other = Interlocked.CompareExchange(ref slot, (ulong)fresh, 0);
        if (other == 0)
        {
            return fresh;
        }

        s_magazineCache.Free(fresh);
        return (Magazine*)other;
    }

    private int TakeBatch(ulong* items, int count)
    {
        using (_lock.Enter())
        {
            int taken = 0;
            while (taken < count)
            {
                Slab* slab = _partial.First;
                if (slab == null)
                {
                    slab = _empty.First;
                    if (slab == null)
                    {
                        break;
                    }

                    _empty.Remove(slab);
                    _partial.Add(slab);
                }

                items[taken++] = (ulong)TakeFrom(slab);
            }

            return taken;
        }
    }

    private void* AllocateFromNewSlab()
    {
        Frame* frame = FrameAllocator.Allocate((nuint)_frames, FrameUse.Slab);
        if (frame == null)
        {
            return null;
        }

        byte* start = (byte*)FrameTable.AddressOf(frame);
        var slab = (Slab*)(start + (_frames * Frame.Size) - Slab.Bytes);
        slab->Initialize(Self, _objects);
        for (int i = 0; i < _frames; i++)
        {
            frame[i].Owner = (nuint)slab;
            frame[i].Use = FrameUse.Slab;
        }

        using (_lock.Enter())
        {
            _partial.Add(slab);
            return TakeFrom(slab);
        }
    }

    // The slab is on the partial list and not full.
    [RequiresLock(nameof(_lock))]
    private void* TakeFrom(Slab* slab)
    {
        int index = slab->Take();
        if (slab->FreeCount == 0)
        {
            _partial.Remove(slab);
            _full.Add(slab);
        }

        return StartOf(slab) + ((uint)index * _objectSize);
    }

    private void GiveBatch(ulong* items, int count, nuint emptySlabsKept)
    {
        Slab* release = null;
        using (_lock.Enter())
        {
            for (int i = 0; i < count; i++)
            {
                Give((void*)items[i]);
            }

            while (_empty.Count > emptySlabsKept)
            {
                Slab* slab = _empty.First;
                _empty.Remove(slab);
                slab->Next = release;
                release = slab;
            }
        }

        while (release != null)
        {
            Slab* next = release->Next;
            FrameAllocator.Free(FrameTable.OfAddress(StartOf(release)));
            release = next;
        }
    }

    [RequiresLock(nameof(_lock))]
    private void Give(void* item)
    {
        Slab* slab = Locate(item, out uint index);
        bool wasFull = slab->FreeCount == 0;
        if (!slab->TryGive(index))
        {
            Panic.Now("An object of a slab was released twice"u8);
        }

        if (wasFull)
        {
            _full.Remove(slab);
            _partial.Add(slab);
        }

        if (slab->FreeCount == _objects)
        {
            _partial.Remove(slab);
            _empty.Add(slab);
        }
    }

    // Caches live in native memory or in static fields that hold no references: they do not move.
    private readonly SlabCache* Self => (SlabCache*)Unsafe.AsPointer(ref Unsafe.AsRef(in this));

    private readonly byte* StartOf(Slab* slab) => (byte*)slab + Slab.Bytes - (_frames * Frame.Size);

    // The slab and the number of an object that belongs to this cache.
    private readonly Slab* Locate(void* item, out uint index)
    {
        Frame* frame = FrameTable.Find((ulong)item);
        if (frame == null || frame->Use != FrameUse.Slab)
        {
            Panic.Now("An object was released that is in no slab"u8);
        }

        var slab = (Slab*)frame->Owner;
        uint offset = (uint)((byte*)item - StartOf(slab));
        index = (uint)(((ulong)offset * _reciprocal) >> 32);
        if (slab->Cache != Self || index * _objectSize != offset || index >= (uint)_objects)
        {
            Panic.Now("A pointer was released that is no object of this slab cache"u8);
        }

        return slab;
    }
}
