using System.Collections.Generic;

namespace CosmosKernel.Tools.ObjCheck.Walk;

/// <summary>One step on the way to a violation.</summary>
/// <param name="How">How the step before reached this one: entry, calls, jumps to, falls into, refers to, calls indirectly.</param>
/// <param name="Name">What was reached.</param>
/// <param name="From">Source line from which it was reached, or empty.</param>
internal sealed record Step(string How, string Name, string From);

/// <summary>Something that must not be reachable, with the way to it.</summary>
/// <param name="Context">The context it is reachable from.</param>
/// <param name="Problem">What is wrong, as a sentence.</param>
/// <param name="Chain">From the entry to the violation.</param>
internal sealed record Violation(string Context, string Problem, IReadOnlyList<Step> Chain);
