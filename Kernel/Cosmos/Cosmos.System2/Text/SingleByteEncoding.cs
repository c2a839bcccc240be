using System;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.ExtendedASCII;

/// <summary>An encoding of one byte a character: ASCII, and 128 others. What it does not have becomes a question mark.</summary>
[Immutable]
internal sealed class SingleByteEncoding : Encoding
{
    private const int FirstUpper = 128;
    private const byte Unknown = (byte)'?';

    private readonly string _upper;

    /// <summary>Makes an encoding.</summary>
    /// <param name="codePage">Its number.</param>
    /// <param name="name">Its name, as the registry of IANA has it.</param>
    /// <param name="upper">The characters from 128 on.</param>
    public SingleByteEncoding(int codePage, string name, string upper)
        : base(codePage)
    {
        if (upper.Length != FirstUpper)
        {
            throw new ArgumentException($"code page {codePage} has {upper.Length} characters from 128 on", nameof(upper));
        }

        CodePage = codePage;
        BodyName = name;
        _upper = upper;
    }

    /// <inheritdoc/>
    public override int CodePage { get; }

    /// <inheritdoc/>
    public override string BodyName { get; }

    /// <inheritdoc/>
    public override string EncodingName => BodyName;

    /// <inheritdoc/>
    public override string HeaderName => BodyName;

    /// <inheritdoc/>
    public override string WebName => BodyName;

    /// <inheritdoc/>
    public override bool IsSingleByte => true;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => chars.AsSpan(index, count).Length;

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
    {
        ArgumentNullException.ThrowIfNull(chars);
        ArgumentNullException.ThrowIfNull(bytes);
        ReadOnlySpan<char> from = chars.AsSpan(charIndex, charCount);
        if (byteIndex < 0 || bytes.Length - byteIndex < from.Length)
        {
            throw new ArgumentException($"{from.Length} characters do not fit behind byte {byteIndex} of {bytes.Length}", nameof(bytes));
        }

        for (int i = 0; i < from.Length; i++)
        {
            bytes[byteIndex + i] = ByteOf(from[i]);
        }

        return from.Length;
    }

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => bytes.AsSpan(index, count).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(chars);
        ReadOnlySpan<byte> from = bytes.AsSpan(byteIndex, byteCount);
        if (charIndex < 0 || chars.Length - charIndex < from.Length)
        {
            throw new ArgumentException($"{from.Length} bytes do not fit behind character {charIndex} of {chars.Length}", nameof(chars));
        }

        for (int i = 0; i < from.Length; i++)
        {
            chars[charIndex + i] = from[i] < FirstUpper ? (char)from[i] : _upper[from[i] - FirstUpper];
        }

        return from.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(charCount);
        return charCount;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        return byteCount;
    }

    private byte ByteOf(char character)
    {
        if (character < FirstUpper)
        {
            return (byte)character;
        }

        int index = _upper.IndexOf(character);
        return index >= 0 ? (byte)(FirstUpper + index) : Unknown;
    }
}
