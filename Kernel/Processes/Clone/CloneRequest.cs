using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>What a new thread or process is to be like.</summary>
/// <param name="Flags"><see cref="Abi.CloneFlags"/>, without the exit signal.</param>
/// <param name="ExitSignal">The signal to the parent at its end, 0 for none.</param>
/// <param name="StackPointer">Its stack pointer; 0: the caller's.</param>
/// <param name="Tls">FS for CLONE_SETTLS.</param>
/// <param name="ParentTid">For CLONE_PARENT_SETTID.</param>
/// <param name="ChildTid">For CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID.</param>
/// <param name="WantedId">The id that it is to have; 0 for any.</param>
/// <param name="PidDescriptor">For CLONE_PIDFD.</param>
public readonly record struct CloneRequest(
    ulong Flags,
    int ExitSignal,
    [property: UserAddress] ulong StackPointer,
    [property: UserAddress] ulong Tls,
    [property: UserAddress] ulong ParentTid,
    [property: UserAddress] ulong ChildTid,
    int WantedId,
    [property: UserAddress] ulong PidDescriptor);
