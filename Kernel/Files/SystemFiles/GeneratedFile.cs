using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A file whose text one method makes.</summary>
public sealed class GeneratedFile : TextFile
{
    private readonly TextGenerator _generate;
    private readonly TextReceiver? _receive;

    /// <summary>Makes one.</summary>
    /// <param name="fileSystem">What it belongs to.</param>
    /// <param name="permissions">Permission bits.</param>
    /// <param name="generate">Makes the text.</param>
    /// <param name="receive">Takes what is written; null: nothing can be.</param>
    public GeneratedFile(SystemFileSystem fileSystem, uint permissions, TextGenerator generate, TextReceiver? receive = null)
        : base(fileSystem, fileSystem.NextNumber(), permissions)
    {
        _generate = generate;
        _receive = receive;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override Errno Generate(TextBuilder to, ref long cursor, out bool isLast)
    {
        isLast = true;
        _generate(to);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override Errno Receive(ReadOnlySpan<byte> text) => _receive is { } receive ? receive(text) : Errno.EINVAL;
}
