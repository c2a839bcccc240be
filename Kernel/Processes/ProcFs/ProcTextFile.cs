using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>Makes the text of a file of a process.</summary>
internal delegate Errno ProcGenerator(ProcSubject subject, TextBuilder to);

/// <summary>Takes what was written to a file of a process.</summary>
internal delegate Errno ProcReceiver(ProcSubject subject, ReadOnlySpan<byte> text);

/// <summary>A short file of a process: made at once.</summary>
internal sealed class ProcTextFile : ProcFile
{
    private readonly ProcGenerator _generate;
    private readonly ProcReceiver? _receive;

    public ProcTextFile(ProcFileSystem procfs, ulong number, uint permissions, ProcSubject subject, bool isPrivate, ProcGenerator generate, ProcReceiver? receive)
        : base(procfs, number, permissions, subject, isPrivate)
    {
        _generate = generate;
        _receive = receive;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno Generate(TextBuilder to, ref long cursor, out bool isLast)
    {
        isLast = true;
        return Subject.IsGone ? Errno.ESRCH : _generate(Subject, to);
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno Receive(ReadOnlySpan<byte> text) => Subject.IsGone ? Errno.ESRCH : _receive is { } receive ? receive(Subject, text) : Errno.EINVAL;
}
