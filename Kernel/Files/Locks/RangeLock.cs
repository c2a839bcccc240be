namespace CosmosKernel.Files.Locks;

/// <summary>A lock on a range of a file.</summary>
/// <param name="Owner">Who has it: a descriptor table, for locks of processes, or an open file.</param>
/// <param name="Process">The process, for F_GETLK; -1 for locks of open files.</param>
/// <param name="Access">Read or write.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">Last byte; <see cref="long.MaxValue"/>: all that follow.</param>
internal readonly record struct RangeLock(object Owner, int Process, FileLockAccess Access, long Start, long End)
{
    /// <summary>They have a byte in common.</summary>
    public bool Overlaps(long start, long end) => Start <= end && start <= End;

    /// <summary>Another owner cannot have the other one beside this one.</summary>
    public bool Conflicts(FileLockAccess access, long start, long end) => (Access == FileLockAccess.Write || access == FileLockAccess.Write) && Overlaps(start, end);
}
