using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files;

/// <summary>
/// One place where an address space shows a <see cref="MappedObject"/>. The object keeps a list of them, so that pages which it loses can be taken from all address spaces.
/// </summary>
public abstract class ObjectMapping
{
    /// <summary>The next one on the object's list.</summary>
    [Protocol("Guarded by MappedObject._mappingsLock of the object whose list it is on.")]
    internal ObjectMapping? NextMapping { get; set; }

    /// <summary>The one before it on the object's list.</summary>
    [Protocol("Guarded by MappedObject._mappingsLock of the object whose list it is on.")]
    internal ObjectMapping? PreviousMapping { get; set; }

    /// <summary>
    /// Takes pages of the object out of the address space, so that they are asked for again when they are touched. Called with the object's list of mappings locked, in task context; takes
    /// no sleeping lock.
    /// </summary>
    /// <param name="firstPage">First page of the object.</param>
    /// <param name="endPage">Page after the last one; <see cref="ulong.MaxValue"/> for all that follow.</param>
    /// <param name="alsoCopies">The private copies of these pages go as well: the object was truncated (mmap(2)). Otherwise they stay: a hole was punched.</param>
    [MightSleep]
    public abstract void Forget(ulong firstPage, ulong endPage, bool alsoCopies);
}
