namespace CosmosKernel.Tools.Syscalls;

/// <summary>A system call that the kernel has.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Support">All or Some.</param>
/// <param name="Missing">What does not work.</param>
/// <param name="Place">File, relative to the tree.</param>
internal sealed record CallEntry(int Number, string Name, string Support, string Missing, string Place);
