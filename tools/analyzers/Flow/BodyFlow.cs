using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>Finds which locks are held before each block of a body: a fixpoint over its control flow graph, with finally blocks run on each way through them.</summary>
/// <param name="graph">The body.</param>
/// <param name="transfer">What a block's operations do to the state.</param>
/// <param name="refine">What a condition tells on one of its branches: block, state, the condition's value.</param>
internal sealed class BodyFlow(ControlFlowGraph graph, Func<BasicBlock, FlowState, FlowState> transfer, Func<BasicBlock, FlowState, bool, FlowState> refine)
{
    private const int MostRounds = 4096;

    private readonly FlowState?[] _before = new FlowState?[graph.Blocks.Length];
    private readonly List<(ControlFlowBranch Branch, FlowState State)> _exits = [];
    private int _rounds;

    /// <summary>The state before a block; null where no path leads.</summary>
    public FlowState? Before(BasicBlock block) => _before[block.Ordinal];

    /// <summary>The ways that lead out of the body without an exception, with the state on each.</summary>
    public IReadOnlyList<(ControlFlowBranch Branch, FlowState State)> Exits => _exits;

    /// <summary>Finds the states.</summary>
    /// <returns>False when the body is too large: nothing is known then.</returns>
    public bool Run(FlowState entry)
    {
        RunFrom(graph.Blocks[0], entry, null);

        // Handlers and the finally blocks that no normal way leads through begin with what was held when their try block began.
        bool again = true;
        while (again)
        {
            again = false;
            foreach (ControlFlowRegion region in Regions(graph.Root).Where(one => one.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.Filter or ControlFlowRegionKind.Finally or ControlFlowRegionKind.FilterAndHandler))
            {
                ControlFlowRegion? tried = region.EnclosingRegion?.NestedRegions.FirstOrDefault(one => one.Kind == ControlFlowRegionKind.Try)
                    ?? region.EnclosingRegion?.EnclosingRegion?.NestedRegions.FirstOrDefault(one => one.Kind == ControlFlowRegionKind.Try);
                if (tried is null || _before[region.FirstBlockOrdinal] is not null || _before[tried.FirstBlockOrdinal] is not { } state)
                {
                    continue;
                }

                again = true;
                RunFrom(graph.Blocks[region.FirstBlockOrdinal], state, region.Kind == ControlFlowRegionKind.Finally ? region : null);
            }
        }

        return _rounds < MostRounds;
    }

    // Runs to the fixpoint from a block on; within a finally region, gives the state at its end.
    private FlowState? RunFrom(BasicBlock first, FlowState state, ControlFlowRegion? within)
    {
        var local = new Dictionary<int, FlowState>();
        var work = new Queue<BasicBlock>();
        FlowState? end = null;
        Enter(first, state);
        while (work.Count > 0 && _rounds++ < MostRounds)
        {
            BasicBlock block = work.Dequeue();
            FlowState after = transfer(block, local[block.Ordinal]);
            if (block.ConditionalSuccessor is { } conditional)
            {
                // No way leads out of while (true) by its condition.
                bool jumpsWhen = block.ConditionKind == ControlFlowConditionKind.WhenTrue;
                bool? constant = block.BranchValue?.ConstantValue is { HasValue: true, Value: bool value } ? value : null;
                if (constant != !jumpsWhen)
                {
                    Follow(conditional, refine(block, after, jumpsWhen));
                }

                if (constant != jumpsWhen)
                {
                    Follow(block.FallThroughSuccessor, refine(block, after, !jumpsWhen));
                }
            }
            else
            {
                Follow(block.FallThroughSuccessor, after);
            }
        }

        return end;

        void Enter(BasicBlock block, FlowState incoming)
        {
            FlowState merged = local.TryGetValue(block.Ordinal, out FlowState? there) ? there.Merge(incoming) : incoming;
            if (there is not null && there.SameAs(merged))
            {
                return;
            }

            local[block.Ordinal] = merged;
            _before[block.Ordinal] = _before[block.Ordinal] is { } before ? before.Merge(merged) : merged;
            work.Enqueue(block);
        }

        void Follow(ControlFlowBranch? branch, FlowState outgoing)
        {
            if (branch is null || branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow or ControlFlowBranchSemantics.ProgramTermination or ControlFlowBranchSemantics.Error)
            {
                return;
            }

            if (branch.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling)
            {
                end = end is null ? outgoing : end.Merge(outgoing);
                return;
            }

            foreach (ControlFlowRegion region in branch.FinallyRegions)
            {
                if (RunFrom(graph.Blocks[region.FirstBlockOrdinal], outgoing, region) is not { } afterwards)
                {
                    return;
                }

                outgoing = afterwards;
            }

            if (branch.Destination is not { } destination)
            {
                return;
            }

            if (destination.Kind == BasicBlockKind.Exit)
            {
                _exits.RemoveAll(exit => ReferenceEquals(exit.Branch, branch));
                _exits.Add((branch, outgoing));
            }
            else if (within is null || (destination.Ordinal >= within.FirstBlockOrdinal && destination.Ordinal <= within.LastBlockOrdinal))
            {
                Enter(destination, outgoing);
            }
        }
    }

    private static IEnumerable<ControlFlowRegion> Regions(ControlFlowRegion region) => region.NestedRegions.SelectMany(nested => Regions(nested).Prepend(nested));
}
