using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Disciplines;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>What a method's attributes say about one lock.</summary>
internal sealed class LockEffect(INamedTypeSymbol? owner, string? path, bool shared, bool mayFail)
{
    /// <summary>The type that has the lock, if no object of the signature has it.</summary>
    public INamedTypeSymbol? Owner { get; } = owner;

    /// <summary>The lock's path; null: the object itself.</summary>
    public string? Path { get; } = path;

    /// <summary>Perhaps with other readers.</summary>
    public bool Shared { get; } = shared;

    /// <summary>The result says whether it is held.</summary>
    public bool MayFail { get; } = mayFail;
}

/// <summary>What a method declares about where it runs and what it does, itself or by what it overrides and belongs to.</summary>
internal sealed class MethodContext
{
    private bool _lockFree;

    /// <summary>It runs in interrupt context, or with interrupts off.</summary>
    public bool Interrupt { get; private set; }

    /// <summary>It runs with preemption off.</summary>
    public bool Atomic { get; private set; }

    /// <summary>It allocates nothing.</summary>
    public bool NoAllocation { get; private set; }

    /// <summary>It may sleep.</summary>
    public bool MightSleep { get; private set; }

    /// <summary>It runs while nobody else sees what it changes.</summary>
    public bool BeforePublication { get; private set; }

    /// <summary>It may turn user addresses into memory.</summary>
    public bool UserAccess { get; private set; }

    /// <summary>Locks that the caller holds.</summary>
    public ImmutableArray<LockEffect> Requires { get; private set; } = [];

    /// <summary>Locks that it returns with.</summary>
    public ImmutableArray<LockEffect> Acquires { get; private set; } = [];

    /// <summary>Locks that it returns without.</summary>
    public ImmutableArray<LockEffect> Releases { get; private set; } = [];

    /// <summary>Reads what a method declares.</summary>
    public static MethodContext Read(IMethodSymbol method)
    {
        var context = new MethodContext();
        context.AddOwn(method);
        if (method.AssociatedSymbol is IPropertySymbol property)
        {
            context.AddOwn(property);
        }

        for (IMethodSymbol? overridden = method.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            context.AddOwn(overridden);
            if (overridden.AssociatedSymbol is IPropertySymbol of)
            {
                context.AddOwn(of);
            }

            context.AddType(overridden.ContainingType);
        }

        if (method.MethodKind is MethodKind.Ordinary or MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.ExplicitInterfaceImplementation
            && !method.IsStatic && method.ContainingType is { TypeKind: TypeKind.Class or TypeKind.Struct } type)
        {
            foreach (IMethodSymbol declared in type.AllInterfaces.SelectMany(one => one.GetMembers().OfType<IMethodSymbol>()))
            {
                if (SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(declared), method))
                {
                    context.AddOwn(declared);
                    context.AddType(declared.ContainingType);
                }
            }
        }

        if (method.MethodKind is not (MethodKind.Constructor or MethodKind.StaticConstructor or MethodKind.LambdaMethod or MethodKind.LocalFunction))
        {
            context.AddType(method.ContainingType);
        }

        return context;
    }

    private void AddOwn(ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            INamedTypeSymbol? type = attribute.AttributeClass;
            if (type is null || !KernelSymbols.IsKernelAttribute(type, type.Name.EndsWith("Attribute", System.StringComparison.Ordinal) ? type.Name.Substring(0, type.Name.Length - 9) : type.Name))
            {
                continue;
            }

            switch (type.Name)
            {
                case "InterruptContextAttribute": Interrupt = true; break;
                case "AtomicContextAttribute": Atomic = true; break;
                case "NoAllocationAttribute": NoAllocation = true; break;
                case "MightSleepAttribute": MightSleep = true; break;
                case "BeforePublicationAttribute": BeforePublication = true; break;
                case "LockFreeAttribute": _lockFree = true; break;
                case "UserAccessAttribute": UserAccess = true; break;
                case "RequiresLockAttribute": Requires = Requires.Add(Effect(attribute)); break;
                case "AcquiresAttribute": Acquires = Acquires.Add(Effect(attribute)); break;
                case "ReleasesAttribute": Releases = Releases.Add(Effect(attribute)); break;
            }
        }
    }

    // What is before publication or needs no lock is an exception among the methods of its type.
    private void AddType(INamedTypeSymbol? type)
    {
        if (BeforePublication)
        {
            return;
        }

        foreach (AttributeData attribute in type is null || _lockFree ? [] : KernelSymbols.Attributes(type, "RequiresLock"))
        {
            Requires = Requires.Add(Effect(attribute));
        }

        for (; type is not null; type = type.ContainingType)
        {
            BeforePublication |= KernelSymbols.Has(type, "BeforePublication");
            NoAllocation |= KernelSymbols.Has(type, "NoAllocation");
            MightSleep |= KernelSymbols.Has(type, "MightSleep");
            if (!MightSleep)
            {
                Interrupt |= KernelSymbols.Has(type, "InterruptContext");
                Atomic |= KernelSymbols.Has(type, "AtomicContext");
            }
        }
    }

    private static LockEffect Effect(AttributeData attribute) =>
        new(KernelSymbols.Type(attribute), KernelSymbols.Text(attribute), KernelSymbols.Flag(attribute, "Shared"), KernelSymbols.Flag(attribute, "MayFail"));
}

/// <summary>Remembers what methods declare. Any thread.</summary>
internal sealed class MethodContexts
{
    private readonly ConcurrentDictionary<IMethodSymbol, MethodContext> _known = new(SymbolEqualityComparer.Default);

    /// <summary>What a method declares.</summary>
    public MethodContext this[IMethodSymbol method] => _known.GetOrAdd(method.OriginalDefinition, static symbol => MethodContext.Read(symbol));
}

/// <summary>What the type of a lock says.</summary>
internal static class LockTypes
{
    /// <summary>What is off while a lock of this type is held.</summary>
    public static Flow.LockKind KindOf(ITypeSymbol? type)
    {
        AttributeData? attribute = type is null ? null : KernelSymbols.Attributes(type.OriginalDefinition, "LockType").FirstOrDefault();
        return attribute?.ConstructorArguments.FirstOrDefault().Value is int kind ? (Flow.LockKind)kind : Flow.LockKind.Sleeping;
    }

    /// <summary>The method belongs to a lock's own implementation, guards included.</summary>
    public static bool IsImplementation(ISymbol symbol)
    {
        for (INamedTypeSymbol? type = symbol as INamedTypeSymbol ?? symbol.ContainingType; type is not null; type = type.ContainingType)
        {
            if (KernelSymbols.Has(type, "LockType"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The type is .NET's <c>System.Threading.Lock</c>.</summary>
    public static bool IsDotNetLock(ITypeSymbol? type) => type is INamedTypeSymbol { Name: "Lock", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };

    /// <summary>A struct that is a lock: it must stay where it is.</summary>
    public static bool IsStructLock(ITypeSymbol? type) => type is { IsValueType: true } && SharedState.IsLock(type);
}
