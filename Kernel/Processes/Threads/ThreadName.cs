using System;

namespace CosmosKernel.Processes;

/// <summary>The name of a thread: <c>comm</c> in proc(5), 15 bytes of any value. The task's name has one character for each byte.</summary>
public static class ThreadName
{
    /// <summary>Most bytes, without the NUL.</summary>
    public const int Length = 15;

    /// <summary>Names a thread.</summary>
    /// <param name="thread">Any thread.</param>
    /// <param name="name">What comes before the first NUL of it, up to 15 bytes.</param>
    public static void Set(UserThread thread, ReadOnlySpan<byte> name)
    {
        Span<char> characters = stackalloc char[Length];
        int length = 0;
        while (length < Math.Min(name.Length, Length) && name[length] != 0)
        {
            characters[length] = (char)name[length];
            length++;
        }

        thread.Task.Name = new string(characters[..length]);
    }

    /// <summary>Reads a thread's name.</summary>
    /// <param name="thread">Any thread.</param>
    /// <param name="to">15 bytes or more.</param>
    /// <returns>How many there are.</returns>
    public static int Get(UserThread thread, Span<byte> to)
    {
        string name = thread.Task.Name;
        int length = Math.Min(name.Length, Length);
        for (int i = 0; i < length; i++)
        {
            to[i] = (byte)name[i];
        }

        return length;
    }
}
