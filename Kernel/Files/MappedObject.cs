using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files;

/// <summary>
/// Pages that can be mapped: the contents of a file, of a memory file, of a shared memory segment, or of shared anonymous memory. A page of the object is the same
/// frame in all mappings of it and for read(2) and write(2); private mappings copy it when they are written.
/// <para>
/// Pages may be taken away while mappings exist (truncation, a punched hole). The object first takes them out of its own store, so that <see cref="TryGetPage"/> does not find them any more,
/// and then calls <see cref="ForgetPages"/>. Who maps a page reads <see cref="Removals"/> before it asks for the page and after it has entered it, and takes it out again if the number has changed.
/// </para>
/// </summary>
public abstract class MappedObject
{
    // Order: an address space's lock, then this one, then a page table's. Nothing that sleeps on an inode or an address space is done with it held.
    private readonly Mutex _mappingsLock = new("mappings of an object");

    [GuardedBy(nameof(_mappingsLock))]
    private ObjectMapping? _mappings;

    [Atomic]
    private int _mappingCount;

    [Atomic]
    private int _sharedWritable;

    [Atomic]
    private uint _removals;

    /// <summary>Bytes of the object now. A page that begins at or after the end cannot be touched (SIGBUS). Any context.</summary>
    public abstract ulong Size { get; }

    /// <summary>The object's memory belongs to tmpfs, memory files or shared memory, which /proc counts as RssShmem, else as RssFile.</summary>
    public virtual bool IsSharedMemory => true;

    /// <summary>
    /// It wants to be asked with <c>forWrite</c> before a page is written through a shared mapping, after each time that the page was taken from mappings: pages are mapped for writing one by one, never beforehand.
    /// </summary>
    public virtual bool TracksWrites => false;

    /// <summary>A shared mapping that does not ask for writing gets no right to ask later: the object is sealed against new writers (fcntl(2), F_SEAL_FUTURE_WRITE). Any context.</summary>
    public virtual bool RefusesNewWriters => false;

    /// <summary>How often pages were taken away. Changes after the pages are gone from the object and before they are taken from mappings. Any context.</summary>
    public uint Removals => Volatile.Read(ref _removals);

    /// <summary>Mappings that exist. A snapshot.</summary>
    public int MappingCount => Volatile.Read(ref _mappingCount);

    /// <summary>Shared mappings that may be written to, now or after mprotect(2): while there are any, a file cannot be sealed against writing (fcntl(2), F_SEAL_WRITE). A snapshot.</summary>
    public int SharedWritableMappings => Volatile.Read(ref _sharedWritable);

    /// <summary>
    /// Finds a page, or makes it when it is a hole: never the shared zero page. Task context; may take the object's own locks, which must not be held while user memory is touched.
    /// Allocates nothing managed when the page is there.
    /// </summary>
    /// <param name="index">Number of the page in the object.</param>
    /// <param name="forWrite">A shared mapping will be written to.</param>
    /// <param name="page">The page, with a reference for the caller.</param>
    /// <returns>Ok; EFAULT when the page is beyond the end (SIGBUS); ENOSPC when the file system is full (SIGBUS); ENOMEM.</returns>
    [MightSleep]
    public abstract Errno TryGetPage(ulong index, bool forWrite, out Page page);

    /// <summary>Finds a page that is in memory already, and makes none: mincore(2), and reading ahead of faults. Task context.</summary>
    /// <param name="index">Number of the page in the object.</param>
    /// <param name="page">The page, with a reference for the caller.</param>
    /// <returns>False when it is not there.</returns>
    [MightSleep]
    public abstract bool TryFindPage(ulong index, out Page page);

    /// <summary>Gives up the contents of whole pages (madvise(2), MADV_REMOVE). Task context.</summary>
    /// <param name="firstPage">First page.</param>
    /// <param name="endPage">Page after the last one.</param>
    /// <returns>EOPNOTSUPP when the object cannot.</returns>
    [MightSleep]
    public virtual Errno Punch(ulong firstPage, ulong endPage) => Errno.EOPNOTSUPP;

    /// <summary>Asks whether a mapping may be made, and is counted as one that keeps the object alive. Task context.</summary>
    /// <param name="sharedWritable">It is shared and may be written to, now or after mprotect(2).</param>
    /// <returns>EPERM when the object is sealed against it; ENODEV and others as mmap(2) says.</returns>
    [MightSleep]
    public Errno BeginMapping(bool sharedWritable)
    {
        if (sharedWritable)
        {
            Interlocked.Increment(ref _sharedWritable);
        }

        // A full fence on both sides: who seals the file sees the mapping, or the mapping sees the seal.
        Errno error = CheckMapping(sharedWritable);
        if (error != Errno.Ok)
        {
            if (sharedWritable)
            {
                Interlocked.Decrement(ref _sharedWritable);
            }

            return error;
        }

        Interlocked.Increment(ref _mappingCount);
        Hold();
        return Errno.Ok;
    }

    /// <summary>A mapping that exists is split, moved or inherited: counts the new one, which nothing can refuse. Task context.</summary>
    /// <param name="sharedWritable">As it was begun.</param>
    [MightSleep]
    public void ContinueMapping(bool sharedWritable)
    {
        if (sharedWritable)
        {
            Interlocked.Increment(ref _sharedWritable);
        }

        Interlocked.Increment(ref _mappingCount);
        Hold();
    }

    /// <summary>A mapping that was begun is gone. Task context.</summary>
    /// <param name="sharedWritable">As it was begun.</param>
    [MightSleep]
    public void EndMapping(bool sharedWritable)
    {
        if (sharedWritable)
        {
            Interlocked.Decrement(ref _sharedWritable);
        }

        Interlocked.Decrement(ref _mappingCount);
        Drop();
    }

    /// <summary>Puts a mapping that was begun on the list. Task context.</summary>
    [MightSleep]
    public void Add(ObjectMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        using (_mappingsLock.Enter())
        {
            mapping.PreviousMapping = null;
            mapping.NextMapping = _mappings;
            if (_mappings is { } first)
            {
                first.PreviousMapping = mapping;
            }

            _mappings = mapping;
        }
    }

    /// <summary>Takes a mapping from the list. Task context.</summary>
    [MightSleep]
    public void Remove(ObjectMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        using (_mappingsLock.Enter())
        {
            if (mapping.PreviousMapping is { } previous)
            {
                previous.NextMapping = mapping.NextMapping;
            }
            else
            {
                _mappings = mapping.NextMapping;
            }

            if (mapping.NextMapping is { } next)
            {
                next.PreviousMapping = mapping.PreviousMapping;
            }

            mapping.NextMapping = null;
            mapping.PreviousMapping = null;
        }
    }

    /// <summary>Keeps <see cref="ForgetPages"/> away from the list while the place of a mapping on it changes. Task context.</summary>
    [MightSleep]
    [Acquires(nameof(_mappingsLock))]
    public Mutex.Guard HoldMappings() => _mappingsLock.Enter();

    /// <summary>
    /// Pages are gone from the object: takes them from all mappings. Task context, with none of the locks held that <see cref="TryGetPage"/> takes.
    /// </summary>
    /// <param name="firstPage">First page.</param>
    /// <param name="endPage">Page after the last one; <see cref="ulong.MaxValue"/> for all that follow.</param>
    /// <param name="alsoCopies">The object was truncated: private copies of the pages go, too.</param>
    [MightSleep]
    protected void ForgetPages(ulong firstPage, ulong endPage, bool alsoCopies)
    {
        // A full fence: who reads the old number after this has entered its page before, and the walk finds it.
        Interlocked.Increment(ref _removals);
        if (MappingCount == 0)
        {
            return;
        }

        using (_mappingsLock.Enter())
        {
            for (ObjectMapping? mapping = _mappings; mapping is not null; mapping = mapping.NextMapping)
            {
                mapping.Forget(firstPage, endPage, alsoCopies);
            }
        }
    }

    /// <summary>Whether a mapping may be made. Task context.</summary>
    /// <param name="sharedWritable">It is shared and may be written to.</param>
    protected virtual Errno CheckMapping(bool sharedWritable) => Errno.Ok;

    /// <summary>A mapping keeps the object and its pages, also when no descriptor and no name is left: takes a counted reference. Task context.</summary>
    [MightSleep]
    protected virtual void Hold()
    {
    }

    /// <summary>A mapping is gone: gives back what <see cref="Hold"/> took. Task context.</summary>
    [MightSleep]
    protected virtual void Drop()
    {
    }
}
