namespace CosmosKernel.Tasks.Time;

/// <summary>
/// A member of an <see cref="OrderedTree{TNode}"/>: derive from it with the deriving class as argument. Being in a tree needs no memory besides.
/// The fields belong to the tree.
/// </summary>
/// <typeparam name="TNode">The deriving class.</typeparam>
public abstract class TreeNode<TNode>
    where TNode : TreeNode<TNode>
{
    /// <summary>The order in the tree, lowest first. Does not change while in a tree.</summary>
    internal ulong Key { get; set; }

    internal TNode? Parent { get; set; }

    internal TNode? Left { get; set; }

    internal TNode? Right { get; set; }

    internal bool IsRed { get; set; }
}
