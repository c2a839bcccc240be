using System;
using System.IO;

namespace Cosmos.System.Graphics;

/// <summary>
/// The pixels of a BMP file with run lengths (BI_RLE8, BI_RLE4): pairs of bytes, a count and the colours of so many pixels, or zero and an escape. Rows come from the lowest up. Pixels that the file
/// passes over stay transparent. Source: Windows GDI, "Bitmap Compression".
/// </summary>
internal ref struct BmpRuns
{
    private const int EndOfRow = 0;
    private const int EndOfImage = 1;
    private const int Move = 2;

    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<int> _palette;
    private readonly Span<int> _pixels;
    private readonly int _width;
    private readonly int _height;
    private readonly bool _isFourBits;
    private int _position;
    private int _x;
    private int _rowsDone;
    private int _written;

    /// <summary>Makes a reader.</summary>
    /// <param name="data">The file from where its pixels begin.</param>
    /// <param name="header">Its headers.</param>
    /// <param name="palette">Its palette.</param>
    /// <param name="pixels">Gets the pixels, from the top; zero at first.</param>
    public BmpRuns(ReadOnlySpan<byte> data, in BmpHeader header, ReadOnlySpan<int> palette, Span<int> pixels)
    {
        _data = data;
        _palette = palette;
        _pixels = pixels;
        _width = header.Width;
        _height = header.Height;
        _isFourBits = header.Compression == BmpCompression.RunLength4;
    }

    /// <summary>Reads all.</summary>
    /// <returns>Whether pixels were passed over.</returns>
    /// <exception cref="InvalidDataException">A run leaves the image, or the data ends before it is complete.</exception>
    public bool Read()
    {
        while (true)
        {
            // Some programs leave the mark at the end out; a complete image does without it.
            if (_position == _data.Length && IsComplete)
            {
                return false;
            }

            int count = Next();
            int value = Next();
            if (count > 0)
            {
                Repeat(count, value);
            }
            else if (value == EndOfRow)
            {
                (_x, _rowsDone) = (0, _rowsDone + 1);
                if (_rowsDone > _height)
                {
                    throw Leaves();
                }
            }
            else if (value == EndOfImage)
            {
                return !IsComplete;
            }
            else if (value == Move)
            {
                _x += Next();
                _rowsDone += Next();
                if (_x > _width || _rowsDone > _height)
                {
                    throw Leaves();
                }
            }
            else
            {
                Copy(value);
            }
        }
    }

    // No pixel can be written twice: nothing moves back.
    private readonly bool IsComplete => _written == _pixels.Length;

    private void Repeat(int count, int value)
    {
        Span<int> to = Take(count);
        int first = BmpReader.ColorOf(_palette, _isFourBits ? value >> 4 : value);
        int second = _isFourBits && count > 1 ? BmpReader.ColorOf(_palette, value & 0xF) : first;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = i % 2 == 0 ? first : second;
        }
    }

    // Colours one by one, padded to a multiple of two bytes.
    private void Copy(int count)
    {
        Span<int> to = Take(count);
        int bytes = _isFourBits ? (count + 1) / 2 : count;
        int start = _position;
        _position += bytes + (bytes % 2);
        if (start + bytes > _data.Length)
        {
            throw Ends();
        }

        // The last byte of a file may lack what pads it.
        _position = Math.Min(_position, _data.Length);
        for (int i = 0; i < to.Length; i++)
        {
            int index = _isFourBits ? (_data[start + (i / 2)] >> (i % 2 == 0 ? 4 : 0)) & 0xF : _data[start + i];
            to[i] = BmpReader.ColorOf(_palette, index);
        }
    }

    private Span<int> Take(int count)
    {
        if (_rowsDone >= _height || _x + count > _width)
        {
            throw Leaves();
        }

        Span<int> to = _pixels.Slice(((_height - 1 - _rowsDone) * _width) + _x, count);
        _x += count;
        _written += count;
        return to;
    }

    private int Next() => _position < _data.Length ? _data[_position++] : throw Ends();

    private readonly InvalidDataException Leaves() => new($"a compressed BMP file of {_width} by {_height} pixels with a run that leaves them, before byte {_position} of its pixels");

    private readonly InvalidDataException Ends() => new($"a compressed BMP file that ends in row {_rowsDone} of {_height}");
}
