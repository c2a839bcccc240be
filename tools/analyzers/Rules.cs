using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers;

/// <summary>All diagnostics of the analyzer. Each has a page in docs/analyzers with wrong and right code.</summary>
public static class Rules
{
    /// <summary>State that several tasks can reach says nothing about who may touch it when.</summary>
    public static readonly DiagnosticDescriptor NoDiscipline = Rule(
        "CKL001", "Shared mutable state with no declared discipline",
        "'{0}' is mutable and shared, and declares no discipline: add [GuardedBy(nameof(lock))], [Immutable], [PerCpu], [Atomic], [TaskPrivate] or [Protocol(\"reason\")]");

    /// <summary>A declaration that means nothing: a lock that does not exist, two disciplines at once, a type that cannot be atomic, no reason.</summary>
    public static readonly DiagnosticDescriptor BadDeclaration = Rule(
        "CKL002", "Declaration about locking that means nothing",
        "'{0}': {1}");

    /// <summary>Guarded state is touched without its lock.</summary>
    public static readonly DiagnosticDescriptor GuardNotHeld = Rule(
        "CKL003", "Guarded state touched without its lock",
        "'{0}' is guarded by '{1}', which is not held here{2}");

    /// <summary>A method is called without the lock that it requires.</summary>
    public static readonly DiagnosticDescriptor RequiredLockNotHeld = Rule(
        "CKL004", "Method called without the lock that it requires",
        "'{0}' requires that '{1}' is held, and it is not held here{2}");

    /// <summary>A way out of a method leaves a lock held.</summary>
    public static readonly DiagnosticDescriptor HeldAtReturn = Rule(
        "CKL005", "Lock still held at return",
        "'{0}' {1} when '{2}' returns: take it with 'using', release it on every path, or declare [Acquires]");

    /// <summary>A method returns without a lock with which it should return.</summary>
    public static readonly DiagnosticDescriptor NotHeldAtReturn = Rule(
        "CKL006", "Lock not held at return",
        "'{0}' returns without '{1}', which its callers hold or get from it");

    /// <summary>A lock is taken that is held already.</summary>
    public static readonly DiagnosticDescriptor TakenTwice = Rule(
        "CKL007", "Lock taken twice",
        "'{0}' {1} already: taking it again waits for ever");

    /// <summary>A lock is released that is not held.</summary>
    public static readonly DiagnosticDescriptor ReleasedNotHeld = Rule(
        "CKL008", "Release of a lock that is not held",
        "'{0}' is not held here{1}: the method declares [RequiresLock] or [Releases] if its callers hold it");

    /// <summary>A lock that is a struct is copied.</summary>
    public static readonly DiagnosticDescriptor LockCopied = Rule(
        "CKL009", "Lock copied",
        "'{0}' {1}: the copy is another lock, which excludes nobody");

    /// <summary>What may sleep is called where nothing may sleep.</summary>
    public static readonly DiagnosticDescriptor SleepsWhileAtomic = Rule(
        "CKL010", "Sleep in atomic or interrupt context",
        "{0} may sleep, and here {1}", atEnd: true);

    /// <summary>A method may sleep and does not say so to other assemblies.</summary>
    public static readonly DiagnosticDescriptor UndeclaredSleep = Rule(
        "CKL011", "Method that may sleep without [MightSleep]",
        "'{0}' may sleep ({1}) and can be called from other assemblies: add [MightSleep]", atEnd: true);

    /// <summary>Something is allocated where nothing may be.</summary>
    public static readonly DiagnosticDescriptor AllocatesWhereForbidden = Rule(
        "CKL012", "Allocation where nothing may be allocated",
        "{0} allocates, and here {1}", atEnd: true);

    /// <summary>A lock that leaves interrupts on is taken where they are off.</summary>
    public static readonly DiagnosticDescriptor LeavesInterruptsOn = Rule(
        "CKL014", "Lock that leaves interrupts on, taken in interrupt context",
        "{0} takes '{1}', which others hold with interrupts on, and here interrupts are off: make it an IrqSpinLock", atEnd: true);

    /// <summary>Two locks are taken against their order.</summary>
    public static readonly DiagnosticDescriptor AgainstOrder = Rule(
        "CKL015", "Locks taken against their order",
        "{0} takes '{1}' ({2}) while '{3}' ({4}) is held: {5}", atEnd: true);

    /// <summary>Something immutable is written.</summary>
    public static readonly DiagnosticDescriptor ImmutableWritten = Rule(
        "CKL020", "Immutable state written after publication",
        "'{0}' is immutable: it is set in a constructor, an initializer or a [BeforePublication] method only");

    /// <summary>Something atomic is touched by a plain load or store.</summary>
    public static readonly DiagnosticDescriptor AtomicPlainly = Rule(
        "CKL021", "Atomic state touched by plain code",
        "'{0}' is atomic and {1} here: use Volatile or Interlocked");

    /// <summary>Something that belongs to a CPU is touched where the task can move to another one.</summary>
    public static readonly DiagnosticDescriptor PerCpuWherePreemptible = Rule(
        "CKL022", "Per-CPU state touched where the task can move",
        "'{0}' belongs to one CPU, and here the task can be moved to another one: turn preemption off, or declare [AtomicContext]");

    /// <summary>Something that belongs to a task is touched by way of another object.</summary>
    public static readonly DiagnosticDescriptor TaskPrivateElsewhere = Rule(
        "CKL023", "Task-private state of another task touched",
        "'{0}' belongs to its task alone, and here it may be another task's");

    /// <summary>A method of <see cref="BadDeclaration">before publication</see> is called on something that others see.</summary>
    public static readonly DiagnosticDescriptor CalledAfterPublication = Rule(
        "CKL024", "[BeforePublication] method called after publication",
        "'{0}' may only be called while nobody else sees what it changes: from a constructor, from another [BeforePublication] method, or on an object made here");

    /// <summary>A user address is used as if it were the kernel's.</summary>
    public static readonly DiagnosticDescriptor UserAddressUsed = Rule(
        "CKL030", "User address used as a kernel address",
        "'{0}' is an address of user space and is {1}");

    /// <summary>A kernel address is given where a user address is expected.</summary>
    public static readonly DiagnosticDescriptor KernelAddressGiven = Rule(
        "CKL031", "Kernel address used as a user address",
        "'{0}' is an address of the kernel and is given to '{1}', which takes user addresses");

    /// <summary>A diagnostic is suppressed and nobody says why.</summary>
    public static readonly DiagnosticDescriptor NoReason = Rule(
        "CKL040", "Suppression without a reason",
        "{0} is suppressed here without a written reason: say why it is right, behind the pragma or as Justification");

    private const string Category = "CosmosKernel.Locking";

    /// <summary>All of them, in the order of their numbers.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All { get; } = typeof(Rules).GetFields()
        .Select(field => field.GetValue(null))
        .OfType<DiagnosticDescriptor>()
        .OrderBy(rule => rule.Id, System.StringComparer.Ordinal)
        .ToImmutableArray();

    private static DiagnosticDescriptor Rule(string id, string title, string message, bool atEnd = false) => new(
        id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, description: null,
        helpLinkUri: "docs/analyzers/" + id + ".md", customTags: atEnd ? [WellKnownDiagnosticTags.CompilationEnd] : []);
}
