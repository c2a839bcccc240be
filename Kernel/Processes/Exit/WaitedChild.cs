namespace CosmosKernel.Processes;

/// <summary>What a wait has found.</summary>
/// <param name="Id">The child; 0 for none.</param>
/// <param name="Uid">Its real user id.</param>
/// <param name="Status">As wait4(2) gives it.</param>
/// <param name="Code">CLD_EXITED and so on, as waitid(2) gives it.</param>
/// <param name="Value">Exit code or signal, as waitid(2) gives it.</param>
/// <param name="Usage">What it has used, its own children included.</param>
public readonly record struct WaitedChild(int Id, uint Uid, int Status, int Code, int Value, ProcessUsage Usage);
