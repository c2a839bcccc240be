using System;

namespace CosmosKernel.Processes.Loading;

/// <summary>The first line of a script, which names its interpreter (execve(2), "Interpreter scripts").</summary>
public readonly ref struct ScriptLine
{
    /// <summary>Bytes of a file that are looked at: a longer first line is cut off.</summary>
    public const int LookedAt = 256;

    private ScriptLine(ReadOnlySpan<byte> interpreter, ReadOnlySpan<byte> argument)
    {
        Interpreter = interpreter;
        Argument = argument;
    }

    /// <summary>The interpreter's path.</summary>
    public ReadOnlySpan<byte> Interpreter { get; }

    /// <summary>All that follows, as one argument, without blanks around it; empty for none.</summary>
    public ReadOnlySpan<byte> Argument { get; }

    /// <summary>Whether a file is a script.</summary>
    public static bool IsScript(ReadOnlySpan<byte> file) => file.StartsWith("#!"u8);

    /// <summary>Reads the line.</summary>
    /// <param name="file">The first bytes of the file, 256 at most; fewer only when the file ends there.</param>
    /// <param name="line">The line.</param>
    /// <returns>False when it names nothing, or the name was cut off (ENOEXEC).</returns>
    public static bool TryRead(ReadOnlySpan<byte> file, out ScriptLine line)
    {
        line = default;
        if (!IsScript(file))
        {
            return false;
        }

        ReadOnlySpan<byte> text = file.Length > LookedAt ? file[..LookedAt] : file;
        bool mayBeCut = text.Length == LookedAt;
        text = text[2..];
        int end = text.IndexOfAny((byte)'\n', (byte)0);
        if (end >= 0)
        {
            text = text[..end];
            mayBeCut = false;
        }

        text = text.TrimStart(" \t"u8);
        int blank = text.IndexOfAny((byte)' ', (byte)'\t');
        if (text.IsEmpty || (blank < 0 && mayBeCut))
        {
            return false;
        }

        ReadOnlySpan<byte> argument = blank < 0 ? default : text[blank..].Trim(" \t"u8);
        line = new ScriptLine(blank < 0 ? text : text[..blank], argument);
        return true;
    }
}
