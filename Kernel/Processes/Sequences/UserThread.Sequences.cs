using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// Restartable sequences (rseq(2)).
public sealed partial class UserThread
{
    /// <summary>Address of its <c>struct rseq</c>; 0 for none.</summary>
    [UserAddress]
    [Protocol("The thread itself, and its maker before its start.")]
    internal ulong SequenceArea { get; set; }

    /// <summary>What stands before each abort handler.</summary>
    [Protocol("The thread itself, and its maker before its start.")]
    internal uint SequenceSignature { get; set; }

    /// <summary>A sequence that it may have been in was looked at (<see cref="RestartableSequences"/>) since this was cleared.</summary>
    [Protocol("The thread itself.")]
    internal bool HasRestarted { get; set; }
}
