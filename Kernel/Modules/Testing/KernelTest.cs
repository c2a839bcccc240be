using System;

namespace CosmosKernel.Modules.Testing;

/// <summary>
/// Makes a public method of a module's class, without parameters, an in-kernel test. The name begins with its area and a dot
/// (<c>boot. runtime. memory. sched. lock. thread. time. module. driver. negative.</c>) and is the sentence that the test proves, in lower case with underscores.
/// </summary>
/// <param name="name">Letters, digits, dots, underscores and hyphens.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTestAttribute(string name) : Attribute
{
    /// <summary>Unique name.</summary>
    public string Name { get; } = name;
}

/// <summary>A test as the image's generated list knows it.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Run">The method.</param>
public sealed record KernelTest(string Name, Action Run);

/// <summary>A check did not hold.</summary>
public sealed class CheckFailedException(string message) : Exception(message);

/// <summary>This machine cannot run the test.</summary>
public sealed class TestSkippedException(string reason) : Exception(reason);
