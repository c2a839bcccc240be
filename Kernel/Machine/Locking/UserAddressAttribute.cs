using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// The number is an address in user space: what user code passed, never to be dereferenced by the kernel. It goes only where this attribute stands too, and only
/// the copy routines turn it into memory. Checked at build time (docs/analyzers/CKL030.md).
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.ReturnValue)]
public sealed class UserAddressAttribute : Attribute;

/// <summary>
/// The method is one that may turn a <see cref="UserAddressAttribute">user address</see> into memory or into a plain number: it checks the range and handles the fault.
/// </summary>
/// <param name="reason">What makes it safe.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UserAccessAttribute(string reason) : Attribute
{
    /// <summary>What makes it safe.</summary>
    public string Reason { get; } = reason;
}
