using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// Several locks of this class may be held together, if they are taken in ascending order of the number that their constructors got. A list without this: never two.
/// </summary>
/// <param name="number">What the number is.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class NestsAscendingAttribute(string number) : Attribute
{
    /// <summary>What the number is.</summary>
    public string Number { get; } = number;
}
