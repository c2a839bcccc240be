using System;
using System.IO;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>What one member of a gzip file unpacks to (RFC 1952), its checksum compared. The input stands behind the member when the stream has ended. For one task.</summary>
[TaskPrivate]
public sealed class GzipMember : Stream
{
    private const int HeaderChecksum = 2;
    private const int ExtraField = 4;
    private const int Name = 8;
    private const int Comment = 16;
    private const int Reserved = 0xE0;
    private const int Deflate = 8;

    [Immutable]
    private static readonly uint[] s_checksums = MakeChecksums();

    private readonly ArchiveInput _input;
    private readonly Inflater _inflater;
    private uint _checksum = uint.MaxValue;
    private long _length;
    private bool _hasEnded;

    /// <summary>Begins a member at the input's position.</summary>
    /// <exception cref="ArchiveException">None begins there.</exception>
    public GzipMember(ArchiveInput input)
    {
        _input = input;
        _inflater = new Inflater(input);
        SkipHeader();
        _inflater.Restart();
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Whether a member begins at the input's position.</summary>
    public static bool IsNext(ArchiveInput input)
    {
        if (input.Peek() != 0x1F)
        {
            return false;
        }

        input.ReadByte();
        bool isGzip = input.Peek() == 0x8B;
        input.Unread(1);
        return isGzip;
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveException">The member is malformed, or its checksum or length is wrong.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="ArchiveException">The member is malformed, or its checksum or length is wrong.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = _inflater.Read(buffer);
        foreach (byte value in buffer[..count])
        {
            _checksum = s_checksums[(byte)(_checksum ^ value)] ^ (_checksum >> 8);
        }

        _length += count;
        if (count < buffer.Length && !_hasEnded)
        {
            _hasEnded = true;
            CheckTrailer();
        }

        return count;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static uint[] MakeChecksums()
    {
        const uint polynomial = 0xEDB88320;
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }

    private void SkipHeader()
    {
        if (Next() != 0x1F || Next() != 0x8B || Next() != Deflate)
        {
            throw new ArchiveException("no gzip header", _input.Position);
        }

        int flags = Next();
        if ((flags & Reserved) != 0)
        {
            throw new ArchiveException("gzip: reserved flags are set", _input.Position);
        }

        // Time, level, system.
        Skip(6);
        if ((flags & ExtraField) != 0)
        {
            int length = Next();
            Skip(length | (Next() << 8));
        }

        if ((flags & Name) != 0)
        {
            SkipText();
        }

        if ((flags & Comment) != 0)
        {
            SkipText();
        }

        if ((flags & HeaderChecksum) != 0)
        {
            Skip(2);
        }
    }

    private void CheckTrailer()
    {
        if (NextWord() != ~_checksum)
        {
            throw new ArchiveException("gzip: the checksum is wrong", _input.Position);
        }

        if (NextWord() != (uint)_length)
        {
            throw new ArchiveException("gzip: the length is wrong", _input.Position);
        }
    }

    private uint NextWord() => (uint)(Next() | (Next() << 8) | (Next() << 16) | (Next() << 24));

    private void SkipText()
    {
        while (Next() != 0)
        {
        }
    }

    private void Skip(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Next();
        }
    }

    private int Next()
    {
        int value = _input.ReadByte();
        return value >= 0 ? value : throw new ArchiveException("gzip: the end of the archive in the middle", _input.Position);
    }
}
