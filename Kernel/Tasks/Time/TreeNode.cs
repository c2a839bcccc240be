using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Time;

/// <summary>
/// A member of an <see cref="OrderedTree{TNode}"/>: derive from it with the deriving class as argument. Being in a tree needs no memory besides.
/// The fields belong to the tree.
/// </summary>
/// <typeparam name="TNode">The deriving class.</typeparam>
[Protocol("Links and key belong to the tree that the node is in: written by OrderedTree only, which is touched as the field that holds it says.")]
public abstract class TreeNode<TNode>
    where TNode : TreeNode<TNode>
{
    /// <summary>The order in the tree, lowest first. Does not change while in a tree.</summary>
    protected internal ulong Key { get; set; }

    internal TNode? Parent { get; set; }

    internal TNode? Left { get; set; }

    internal TNode? Right { get; set; }

    internal bool IsRed { get; set; }
}
