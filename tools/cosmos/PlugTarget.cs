using System.Collections.Generic;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>A method that a plug replaces, and how its arguments are passed on.</summary>
/// <param name="Method">The method.</param>
/// <param name="PassesThis">Its <c>this</c> is the plug's first argument.</param>
/// <param name="Fields">For each parameter of the plug: the field that it stands for; null for an argument.</param>
internal sealed record PlugTarget(MethodDefinition Method, bool PassesThis, IReadOnlyList<FieldDefinition?> Fields);
