using System;
using System.IO;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>A stream read byte by byte at little cost, with a position and a few bytes of a way back. For one task.</summary>
/// <param name="stream">What is read, from where it stands.</param>
[TaskPrivate]
public sealed class ArchiveInput(Stream stream)
{
    /// <summary>The most bytes that <see cref="Unread"/> takes back.</summary>
    public const int WayBack = 16;

    private const int Capacity = 32 * 1024;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _at;
    private int _end;

    /// <summary>Bytes that were read.</summary>
    public long Position { get; private set; }

    /// <summary>The next byte, which stays; -1 at the end.</summary>
    public int Peek() => _at < _end || Fill() ? _buffer[_at] : -1;

    /// <summary>The next byte; -1 at the end.</summary>
    public int ReadByte()
    {
        if (_at == _end && !Fill())
        {
            return -1;
        }

        Position++;
        return _buffer[_at++];
    }

    /// <summary>Takes back bytes that were just read.</summary>
    /// <param name="count">0 to <see cref="WayBack"/>.</param>
    public void Unread(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Math.Min(WayBack, _at));
        _at -= count;
        Position -= count;
    }

    /// <summary>Reads; fewer bytes than asked for only at the end.</summary>
    public int Read(Span<byte> to)
    {
        int done = 0;
        while (done < to.Length && (_at < _end || Fill()))
        {
            int count = Math.Min(_end - _at, to.Length - done);
            _buffer.AsSpan(_at, count).CopyTo(to[done..]);
            _at += count;
            done += count;
        }

        Position += done;
        return done;
    }

    // The last bytes stay in front of what comes, for the way back.
    private bool Fill()
    {
        int kept = Math.Min(_at, WayBack);
        _buffer.AsSpan(_at - kept, kept).CopyTo(_buffer);
        int count = stream.Read(_buffer, kept, Capacity - kept);
        _at = kept;
        _end = kept + count;
        return count > 0;
    }
}
