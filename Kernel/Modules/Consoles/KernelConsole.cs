using System;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Consoles;

/// <summary>
/// All consoles as one: what is written goes to every output, what is typed anywhere arrives in one input. Writing: task context, one writer at a
/// time under a mutex, so that lines stay whole. Typing (<see cref="Input"/>): any context.
/// </summary>
public static class KernelConsole
{
    private static readonly Mutex s_lock = new("console");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static ConsoleOutput[] s_outputs = [];

    [GuardedBy(nameof(s_lock))]
    private static readonly CursorTracker s_cursor = new();

    [GuardedBy(nameof(s_lock))]
    private static bool s_atLineStart = true;

    [GuardedBy(nameof(s_lock))]
    private static byte[] s_editedLine = [];

    /// <summary>What is typed.</summary>
    public static ConsoleInput Input { get; } = new();

    /// <summary>The outputs, for reports.</summary>
    public static ReadOnlySpan<ConsoleOutput> Outputs => Volatile.Read(ref s_outputs);

    /// <summary>The largest size of all outputs that know theirs; 80 by 25 when none does.</summary>
    public static (int Columns, int Rows) Size
    {
        get
        {
            (int Columns, int Rows) size = (0, 0);
            foreach (ConsoleOutput output in Outputs)
            {
                if (output.Size.Columns > 0)
                {
                    size = size.Columns == 0 || output.Size.Columns < size.Columns ? output.Size : size;
                }
            }

            return size.Columns == 0 ? (80, 25) : size;
        }
    }

    /// <summary>Where the cursor is, from 0, on a terminal of <see cref="Size"/>. Task context.</summary>
    [MightSleep]
    public static (int Column, int Row) Cursor
    {
        get
        {
            using (s_lock.Enter())
            {
                return (s_cursor.Column, s_cursor.Row);
            }
        }
    }

    /// <summary>Adds an output. Disposing the result takes it away.</summary>
    [MightSleep]
    public static IDisposable AddOutput(ConsoleOutput output)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_outputs, [.. s_outputs, output]);
        }

        return new Registration(output);
    }

    /// <summary>
    /// Adds an output in place of those of another name (a driver's in place of <see cref="EarlyOutput"/>); nothing is written twice or not at all.
    /// Disposing the result takes it away and brings those back.
    /// </summary>
    [MightSleep]
    public static IDisposable ReplaceOutput(ConsoleOutput output, string replaced)
    {
        using (s_lock.Enter())
        {
            ConsoleOutput[] removed = Array.FindAll(s_outputs, other => other.Name == replaced);
            foreach (ConsoleOutput other in removed)
            {
                other.Flush();
            }

            Volatile.Write(ref s_outputs, [.. Array.FindAll(s_outputs, other => other.Name != replaced), output]);
            return new Replacement(output, removed);
        }
    }

    /// <summary>Takes an output away after it has shown everything.</summary>
    [MightSleep]
    public static void RemoveOutput(ConsoleOutput output)
    {
        using (s_lock.Enter())
        {
            try
            {
                output.Flush();
            }
            finally
            {
                Volatile.Write(ref s_outputs, Array.FindAll(s_outputs, other => other != output));
            }
        }
    }

    /// <summary>Writes UTF-8 text.</summary>
    [MightSleep]
    public static void Write(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        using (s_lock.Enter())
        {
            WriteLocked(text);
        }
    }

    /// <summary>Writes text.</summary>
    [MightSleep]
    public static void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes what a line editor shows. While it does, the lines of others go above the edited one, which is then shown again.</summary>
    /// <param name="text">What to write now.</param>
    /// <param name="line">What shows the edited line and the cursor in it in an empty row; empty when the editing is over.</param>
    [MightSleep]
    public static void WriteEdited(string text, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] lineBytes = Encoding.UTF8.GetBytes(line);
        using (s_lock.Enter())
        {
            s_editedLine = lineBytes;
            if (bytes.Length > 0)
            {
                WriteLocked(bytes);
            }
        }
    }

    /// <summary>Writes a line of its own: when the cursor is inside a line, that one ends first, or is moved down when it is being edited.</summary>
    [MightSleep]
    public static void WriteLine(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        using (s_lock.Enter())
        {
            if (s_editedLine.Length > 0)
            {
                WriteLocked("\r\e[K"u8);
                WriteLocked(bytes);
                WriteLocked(s_editedLine);
                return;
            }

            if (!s_atLineStart)
            {
                WriteLocked("\n"u8);
            }

            WriteLocked(bytes);
        }
    }

    /// <summary>Writes a line of the protocol of docs/testing.md, whole and in the first column.</summary>
    [MightSleep]
    public static void WriteProtocolLine(string line) => WriteLine(line);

    /// <summary>Returns when all outputs have shown everything.</summary>
    [MightSleep]
    public static void Flush()
    {
        using (s_lock.Enter())
        {
            foreach (ConsoleOutput output in s_outputs)
            {
                output.Flush();
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void WriteLocked(ReadOnlySpan<byte> text)
    {
        s_atLineStart = text[^1] == (byte)'\n';
        (int columns, int rows) = Size;
        s_cursor.Follow(text, columns, rows);
        foreach (ConsoleOutput output in s_outputs)
        {
            output.Write(text);
        }
    }

    private sealed class Replacement(ConsoleOutput output, ConsoleOutput[] replaced) : IDisposable
    {
        public void Dispose()
        {
            using (s_lock.Enter())
            {
                if (Array.IndexOf(s_outputs, output) >= 0)
                {
                    output.Flush();
                    Volatile.Write(ref s_outputs, [.. Array.FindAll(s_outputs, other => other != output), .. replaced]);
                }
            }
        }
    }

    private sealed class Registration(ConsoleOutput output) : IDisposable
    {
        public void Dispose() => RemoveOutput(output);
    }
}
