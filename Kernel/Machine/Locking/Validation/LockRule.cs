namespace CosmosKernel.Machine.Locking;

/// <summary>The rules that the lock validator checks (docs/validator.md has a section for each).</summary>
public enum LockRule : byte
{
    /// <summary>Every lock has a class.</summary>
    Class,

    /// <summary>Who holds a lock does not take it again.</summary>
    Recursion,

    /// <summary>Two locks of one class are held together only in the declared order.</summary>
    Nesting,

    /// <summary>The order in which classes are taken has no cycle.</summary>
    Order,

    /// <summary>Declared classes are taken in the order of <see cref="LockClass"/>.</summary>
    DeclaredOrder,

    /// <summary>What interrupts wait for is held only with interrupts off, and nothing that is held with interrupts on is waited for while such a lock is held.</summary>
    Interrupt,

    /// <summary>Nothing sleeps with a spin lock held, or with preemption or interrupts off.</summary>
    Sleep,

    /// <summary>A task that ends or leaves the kernel holds nothing.</summary>
    Exit,

    /// <summary>Who releases a lock holds it.</summary>
    Release,

    /// <summary>Locks are not nested deeper than the validator can follow.</summary>
    Depth,

    /// <summary>Nothing sleeps or ends in a read section of RCU.</summary>
    ReadSection,

    /// <summary>The validator's own tables have room.</summary>
    Tables,

    /// <summary>The number of rules. Not a rule.</summary>
    Count,
}
