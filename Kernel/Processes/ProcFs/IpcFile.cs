using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>A file of /proc/sysvipc: a line of names, then a line for each object, piece by piece.</summary>
internal sealed class IpcFile : TextFile
{
    private const int PieceBytes = 4096;

    private readonly string _names;
    private readonly Func<int> _capacity;
    private readonly Action<TextBuilder, int> _line;

    /// <summary>Makes one.</summary>
    /// <param name="procfs">What it belongs to.</param>
    /// <param name="names">The first line.</param>
    /// <param name="capacity">How many places there are for objects now.</param>
    /// <param name="line">Writes the line of the object at a place, if there is one.</param>
    public IpcFile(SystemFileSystem procfs, string names, Func<int> capacity, Action<TextBuilder, int> line)
        : base(procfs, procfs.NextNumber(), 0x124)
    {
        _names = names;
        _capacity = capacity;
        _line = line;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno Generate(TextBuilder to, ref long cursor, out bool isLast)
    {
        if (cursor == 0)
        {
            to.Add(_names).Line();
        }

        int capacity = _capacity();
        while (cursor < capacity && to.Length < PieceBytes)
        {
            _line(to, (int)cursor++);
        }

        isLast = cursor >= capacity;
        return Errno.Ok;
    }
}
