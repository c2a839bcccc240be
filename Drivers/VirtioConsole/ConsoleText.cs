using System;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>Text of the kernel as a terminal wants it.</summary>
internal static class ConsoleText
{
    /// <summary>Copies text, with a carriage return before each line feed, as far as there is room.</summary>
    /// <param name="text">The text.</param>
    /// <param name="to">Where it goes, 2 bytes or more.</param>
    /// <param name="count">Bytes that were put there.</param>
    /// <returns>Bytes of the text that were taken, 1 or more of a text that is not empty.</returns>
    public static int EndLines(ReadOnlySpan<byte> text, Span<byte> to, out int count)
    {
        count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool endsLine = text[i] == (byte)'\n';
            if (count + (endsLine ? 2 : 1) > to.Length)
            {
                return i;
            }

            if (endsLine)
            {
                to[count++] = (byte)'\r';
            }

            to[count++] = text[i];
        }

        return text.Length;
    }
}
