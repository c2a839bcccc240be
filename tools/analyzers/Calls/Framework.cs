using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>What is known of .NET's own methods.</summary>
internal static class Framework
{
    private static readonly Dictionary<string, string[]> s_sleepers = new(StringComparer.Ordinal)
    {
        ["System.Threading.Monitor"] = ["Enter", "Wait"],
        ["System.Threading.Lock"] = ["Enter", "EnterScope"],
        ["System.Threading.Thread"] = ["Sleep", "Join"],
        ["System.Threading.WaitHandle"] = ["WaitOne", "WaitAny", "WaitAll"],
        ["System.Threading.SemaphoreSlim"] = ["Wait"],
        ["System.Threading.ManualResetEventSlim"] = ["Wait"],
        ["System.Threading.CountdownEvent"] = ["Wait"],
        ["System.Threading.Barrier"] = ["SignalAndWait"],
        ["System.Threading.ReaderWriterLockSlim"] = ["EnterReadLock", "EnterWriteLock", "EnterUpgradeableReadLock"],
        ["System.Threading.SpinWait"] = ["SpinUntil"],
        ["System.Threading.Tasks.Task"] = ["Wait", "WaitAll", "WaitAny"],
        ["System.Threading.Tasks.Parallel"] = ["For", "ForEach", "Invoke"],
        ["System.GC"] = ["WaitForPendingFinalizers"],
    };

    /// <summary>The method may put the calling thread to sleep.</summary>
    public static bool Sleeps(IMethodSymbol method)
    {
        if (!IsOfFramework(method))
        {
            return false;
        }

        for (INamedTypeSymbol? type = method.ContainingType; type is not null; type = type.BaseType)
        {
            if (s_sleepers.TryGetValue(type.OriginalDefinition.ContainingNamespace + "." + type.Name, out string[]? names) && Array.IndexOf(names, method.Name) >= 0)
            {
                // With a time-out of 0 it only asks; that is not seen here, and such calls are rare in the kernel.
                return true;
            }
        }

        return method.ContainingType.Name == "Console" && method.ContainingNamespace.Name == "System";
    }

    /// <summary>The method surely allocates: it gives a new string, array, task or collection.</summary>
    public static bool Allocates(IMethodSymbol method)
    {
        if (!IsOfFramework(method) || method.MethodKind == MethodKind.Constructor)
        {
            return false;
        }

        string type = method.ContainingType.Name;
        return (method.OriginalDefinition.ReturnType.SpecialType == SpecialType.System_String && method.MethodKind != MethodKind.PropertyGet && method.Name is not ("Intern" or "IsInterned"))
            || (method.ReturnType is IArrayTypeSymbol && method.Name is "ToArray" or "Split" or "GetBytes" or "GetValues" or "GetNames" or "Allocate" or "ToCharArray" or "GetInvocationList" or "Clone")
            || (type is "Enumerable" && method.ContainingNamespace.Name == "Linq")
            || (type is "List" or "Dictionary" or "HashSet" or "Queue" or "Stack" or "SortedDictionary" or "SortedSet" or "LinkedList" or "StringBuilder" or "ConcurrentQueue" or "ConcurrentDictionary"
                && method.Name is "Add" or "AddRange" or "Insert" or "Append" or "AppendLine" or "Enqueue" or "Push" or "TryAdd" or "AddLast" or "AddFirst")
            || (type is "Task" && method.Name is "Run" or "Delay" or "FromResult" or "WhenAll");
    }

    /// <summary>The method's type is .NET's.</summary>
    public static bool IsOfFramework(IMethodSymbol method)
    {
        INamespaceSymbol? space = method.ContainingNamespace;
        while (space is { ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space is { Name: "System" };
    }

    /// <summary>The method is one of <c>Volatile</c> or <c>Interlocked</c>.</summary>
    public static bool IsAtomic(IMethodSymbol method) => method.ContainingType is { Name: "Volatile" or "Interlocked", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };
}
