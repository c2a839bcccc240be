using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>A file in the directory of a process or thread.</summary>
internal abstract class ProcFile : TextFile
{
    private readonly bool _isPrivate;

    protected ProcFile(ProcFileSystem procfs, ulong number, uint permissions, ProcSubject subject, bool isPrivate)
        : base(procfs, number, permissions, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId)
    {
        Subject = subject;
        _isPrivate = isPrivate;
    }

    protected ProcSubject Subject { get; }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno CheckOpen(OpenFlags flags) => Subject.IsGone ? Errno.ESRCH : _isPrivate && !Subject.MayInspect() ? Errno.EACCES : Errno.Ok;
}
