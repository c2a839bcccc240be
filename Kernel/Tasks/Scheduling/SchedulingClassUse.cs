using System;
using System.Diagnostics.CodeAnalysis;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Keeps a class of a module registered while one of its methods for task context is called and what comes of it is given to a task: <see cref="SchedulingClasses.Unregister"/> waits for the end of it.
/// Empty for the kernel's own classes, which stay.
/// </summary>
internal readonly ref struct SchedulingClassUse
{
    private readonly SchedulingClass? _policy;

    private SchedulingClassUse(SchedulingClass? policy)
    {
        _policy = policy;
    }

    /// <summary>Begins a use.</summary>
    /// <param name="policy">The class of a module; null for none.</param>
    /// <exception cref="ArgumentException">It is not registered.</exception>
    public static SchedulingClassUse Of(SchedulingClass? policy)
    {
        if (policy is not null && !policy.TryUse())
        {
            ThrowUnknown(policy);
        }

        return new SchedulingClassUse(policy);
    }

    /// <summary>Begins a use of the class of parameters that were right a moment ago. If it went meanwhile, they become what a task of the class became.</summary>
    public static SchedulingClassUse OfInherited(ref SchedulingParameters parameters)
    {
        if (parameters.Class is { } policy && !policy.TryUse())
        {
            parameters = parameters.WithoutClass();
        }

        return new SchedulingClassUse(parameters.Class);
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _policy?.EndUse();

    [DoesNotReturn]
    private static void ThrowUnknown(SchedulingClass policy) => throw new ArgumentException($"The scheduling class '{policy.Name}' is not registered.", nameof(policy));
}
