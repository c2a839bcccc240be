using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>Unpacks a stream of "deflate" (RFC 1951), as much at a time as is asked for. For one task.</summary>
[TaskPrivate]
internal sealed class Inflater
{
    private const int WindowBytes = 32 * 1024;
    private const int WindowMask = WindowBytes - 1;
    private const int EndOfBlock = 256;
    private const int LiteralCodes = 288;
    private const int DistanceCodes = 32;
    private const int LengthCodes = 19;

    // Symbols 257 to 285: the least length, and how many bits follow that are added (RFC 1951, 3.2.5).
    [Immutable]
    private static readonly ushort[] s_lengths = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    [Immutable]
    private static readonly byte[] s_lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    [Immutable]
    private static readonly ushort[] s_distances =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    // The order in which the lengths of the code for lengths come (RFC 1951, 3.2.7).
    [Immutable]
    private static readonly byte[] s_lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly ArchiveInput _input;
    private readonly byte[] _window = new byte[WindowBytes];
    private readonly HuffmanCode _literals = new();
    private readonly HuffmanCode _distances = new();
    private readonly HuffmanCode _lengthCode = new();
    private ulong _bits;
    private int _bitCount;
    private long _produced;
    private State _state;
    private bool _isLast;
    private int _left;
    private int _distance;

    public Inflater(ArchiveInput input)
    {
        _input = input;
    }

    private enum State
    {
        BlockHeader,
        Stored,
        Codes,
        Match,
        End,
    }

    /// <summary>Begins a new stream at the input's position.</summary>
    public void Restart()
    {
        _bits = 0;
        _bitCount = 0;
        _produced = 0;
        _isLast = false;
        _state = State.BlockHeader;
    }

    /// <summary>Unpacks; fewer bytes than asked for only at the end of the stream, where the input stands behind it.</summary>
    /// <exception cref="ArchiveException">The input is no such stream.</exception>
    public int Read(Span<byte> to)
    {
        int done = 0;
        while (done < to.Length && _state != State.End)
        {
            switch (_state)
            {
                case State.BlockHeader:
                    BeginBlock();
                    break;
                case State.Stored:
                    done += ReadStored(to[done..]);
                    break;
                case State.Codes:
                    done += ReadCodes(to[done..]);
                    break;
                default:
                    done += CopyMatch(to[done..]);
                    break;
            }
        }

        return done;
    }

    private void BeginBlock()
    {
        if (_isLast)
        {
            // What was taken beyond the last code, in whole bytes.
            _input.Unread(_bitCount >> 3);
            _bitCount = 0;
            _bits = 0;
            _state = State.End;
            return;
        }

        _isLast = Take(1) != 0;
        switch (Take(2))
        {
            case 0:
                BeginStored();
                break;
            case 1:
                BuildFixedCodes();
                _state = State.Codes;
                break;
            case 2:
                ReadCodeLengths();
                _state = State.Codes;
                break;
            default:
                throw Malformed("a block of an unknown type");
        }
    }

    private void BeginStored()
    {
        // Its length begins at the next byte.
        Take(_bitCount & 7);
        uint length = Take(16);
        if (length != (~Take(16) & 0xFFFF))
        {
            throw Malformed("a stored block whose two lengths differ");
        }

        _left = (int)length;
        _state = State.Stored;
    }

    private int ReadStored(Span<byte> to)
    {
        int count = Math.Min(_left, to.Length);
        for (int i = 0; i < count; i++)
        {
            byte value = (byte)Take(8);
            Put(value);
            to[i] = value;
        }

        _left -= count;
        if (_left == 0)
        {
            _state = State.BlockHeader;
        }

        return count;
    }

    private int ReadCodes(Span<byte> to)
    {
        int done = 0;
        while (done < to.Length)
        {
            int symbol = Next(_literals);
            if (symbol < EndOfBlock)
            {
                Put((byte)symbol);
                to[done++] = (byte)symbol;
                continue;
            }

            if (symbol == EndOfBlock)
            {
                _state = State.BlockHeader;
                return done;
            }

            symbol -= EndOfBlock + 1;
            if (symbol >= s_lengths.Length)
            {
                throw Malformed("a length that does not exist");
            }

            _left = s_lengths[symbol] + (int)Take(s_lengthBits[symbol]);
            int distance = Next(_distances);
            if (distance >= s_distances.Length)
            {
                throw Malformed("a distance that does not exist");
            }

            _distance = s_distances[distance] + (int)Take(Math.Max(0, (distance >> 1) - 1));
            if (_distance > _produced)
            {
                throw Malformed("a copy from before the beginning");
            }

            _state = State.Match;
            return done;
        }

        return done;
    }

    private int CopyMatch(Span<byte> to)
    {
        int count = Math.Min(_left, to.Length);
        for (int i = 0; i < count; i++)
        {
            byte value = _window[(int)((_produced - _distance) & WindowMask)];
            Put(value);
            to[i] = value;
        }

        _left -= count;
        if (_left == 0)
        {
            _state = State.Codes;
        }

        return count;
    }

    private void BuildFixedCodes()
    {
        Span<byte> lengths = stackalloc byte[LiteralCodes];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        _literals.TryBuild(lengths, mayBeIncomplete: false);
        lengths[..DistanceCodes].Fill(5);
        _distances.TryBuild(lengths[..DistanceCodes], mayBeIncomplete: false);
    }

    private void ReadCodeLengths()
    {
        int literals = (int)Take(5) + 257;
        int distances = (int)Take(5) + 1;
        int codes = (int)Take(4) + 4;
        if (literals > 286 || distances > 30)
        {
            throw Malformed("more codes than there are symbols");
        }

        Span<byte> lengths = stackalloc byte[LiteralCodes + DistanceCodes];
        lengths.Clear();
        for (int i = 0; i < codes; i++)
        {
            lengths[s_lengthOrder[i]] = (byte)Take(3);
        }

        if (!_lengthCode.TryBuild(lengths[..LengthCodes], mayBeIncomplete: false))
        {
            throw Malformed("lengths that make no code");
        }

        lengths.Clear();
        int at = 0;
        while (at < literals + distances)
        {
            int symbol = Next(_lengthCode);
            if (symbol < 16)
            {
                lengths[at++] = (byte)symbol;
                continue;
            }

            byte repeated = 0;
            if (symbol == 16)
            {
                repeated = at > 0 ? lengths[at - 1] : throw Malformed("a repetition of nothing");
            }

            int count = symbol switch
            {
                16 => 3 + (int)Take(2),
                17 => 3 + (int)Take(3),
                _ => 11 + (int)Take(7),
            };
            if (at + count > literals + distances)
            {
                throw Malformed("more lengths than codes");
            }

            lengths.Slice(at, count).Fill(repeated);
            at += count;
        }

        if (lengths[EndOfBlock] == 0
            || !_literals.TryBuild(lengths[..literals], mayBeIncomplete: true)
            || !_distances.TryBuild(lengths.Slice(literals, distances), mayBeIncomplete: true))
        {
            throw Malformed("lengths that make no code");
        }
    }

    private void Put(byte value) => _window[(int)(_produced++ & WindowMask)] = value;

    private int Next(HuffmanCode code)
    {
        // Behind the end of the input are zeros, which no code may need.
        while (_bitCount < HuffmanCode.LongestCode && _input.ReadByte() is var value and >= 0)
        {
            _bits |= (ulong)value << _bitCount;
            _bitCount += 8;
        }

        int symbol = code.Find((uint)_bits, out int length);
        if (length == 0 || length > _bitCount)
        {
            throw Malformed(length == 0 ? "bits that are no code" : "the end of the archive in the middle");
        }

        _bits >>= length;
        _bitCount -= length;
        return symbol;
    }

    private uint Take(int count)
    {
        while (_bitCount < count)
        {
            int value = _input.ReadByte();
            if (value < 0)
            {
                throw Malformed("the end of the archive in the middle");
            }

            _bits |= (ulong)value << _bitCount;
            _bitCount += 8;
        }

        uint bits = (uint)(_bits & ((1ul << count) - 1));
        _bits >>= count;
        _bitCount -= count;
        return bits;
    }

    private ArchiveException Malformed(string what) => new($"compressed data: {what}", _input.Position);
}
