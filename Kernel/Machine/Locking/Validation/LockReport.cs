using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Locking.Validation;

/// <summary>
/// The text of the validator's reports: on the early console at once, since the machine may be about to stand still, and kept for the console's <c>locks</c>. A test that breaks a rule
/// on purpose expects its report: that one is kept for the test alone. No lock, no allocation: any context; one report at a time, which the validator's lock sees to.
/// </summary>
internal static unsafe class LockReport
{
    private const int TextBytes = 16384;

    // Of one rule; further ones are only counted, for a broken rule on a hot path would print for ever.
    private const int MostPrinted = 16;

    [Protocol("Written with the validator's lock held; read after the length, which is raised last.")]
    private static TextBuffer s_text;

    [Atomic]
    private static int s_length;

    [Protocol("Written with the validator's lock held; read by the test that set the class, when it has taken it back.")]
    private static TextBuffer s_expectedText;

    [Atomic]
    private static int s_expectedLength;

    [Protocol("As s_expectedText.")]
    private static RuleCounts s_expectedCounts;

    [Protocol("Written by the test before it sets s_expects.")]
    private static ExpectedSet s_expected;

    // 0: nothing is expected. 1: a test prepares to. 2: reports that name a class of s_expected.
    [Atomic]
    private static int s_expects;

    [Protocol("Written with the validator's lock held; a reader's sum may be outdated at once.")]
    private static RuleCounts s_counts;

    [Protocol("Written and read with the validator's lock held, within one report.")]
    private static bool s_isExpected;

    [Protocol("As s_isExpected.")]
    private static bool s_isMuted;

    /// <summary>Reports of a rule that nobody expected, since boot.</summary>
    public static int Count(LockRule rule) => s_counts[(int)rule];

    /// <summary>Says which reports a test expects: those that name one of the classes.</summary>
    /// <returns>False when another test expects something already.</returns>
    public static bool TryExpect(ReadOnlySpan<LockClass> lockClasses)
    {
        if (Interlocked.CompareExchange(ref s_expects, 1, 0) != 0)
        {
            return false;
        }

        s_expectedCounts = default;
        s_expected = default;
        foreach (LockClass lockClass in lockClasses)
        {
            s_expected[(int)lockClass >> 6] |= 1ul << ((int)lockClass & 63);
        }

        Volatile.Write(ref s_expectedLength, 0);

        // Release: who sees it sees the set.
        Volatile.Write(ref s_expects, 2);
        return true;
    }

    /// <summary>Expects nothing from here on, and forgets what was seen of those classes that are registered.</summary>
    public static void EndExpecting()
    {
        for (int i = (int)LockClass.DeclaredCount; i < LockClasses.Maximum; i++)
        {
            if (IsExpected((LockClass)i))
            {
                LockValidator.Forget((LockClass)i);
            }
        }

        Volatile.Write(ref s_expects, 0);
    }

    /// <summary>How often the expected report has come.</summary>
    public static int ExpectedCount(LockRule rule) => s_expectedCounts[(int)rule];

    /// <summary>The text of the expected reports.</summary>
    public static ReadOnlySpan<byte> ExpectedText => ((ReadOnlySpan<byte>)s_expectedText)[..Volatile.Read(ref s_expectedLength)];

    /// <summary>The text of the reports that nobody expected, as far as it fits.</summary>
    public static ReadOnlySpan<byte> Text => ((ReadOnlySpan<byte>)s_text)[..Volatile.Read(ref s_length)];

    /// <summary>Begins a report with its headline. The validator's lock is held.</summary>
    /// <param name="rule">The rule that was broken.</param>
    /// <param name="subject">A class that the report is about.</param>
    /// <param name="other">A second one, or the same.</param>
    /// <param name="headline">What happened.</param>
    public static void Begin(LockRule rule, LockClass subject, LockClass other, ReadOnlySpan<byte> headline)
    {
        s_isExpected = Volatile.Read(ref s_expects) == 2 && (IsExpected(subject) || IsExpected(other));
        if (s_isExpected)
        {
            s_expectedCounts[(int)rule]++;
            s_isMuted = false;
        }
        else
        {
            s_isMuted = s_counts[(int)rule]++ >= MostPrinted;
        }

        Write("\nlock validator: "u8);
        Write(headline);
        Write("\n  on CPU "u8);
        WriteNumber((uint)Cpu.CurrentIndex);
        ThreadBlock* thread = Cpu.Current->CurrentThread;
        if (thread != null)
        {
            Write(Cpu.Current->InterruptDepth != 0 ? ", interrupt in thread "u8 : ", thread "u8);
            WriteNumber(thread->Id);
        }

        Write("\n"u8);
    }

    /// <summary>Writes a line of two words, a class and where it was used.</summary>
    public static void WriteLock(ReadOnlySpan<byte> verb, LockClass lockClass, int number, in CallTrace trace)
    {
        Write("  "u8);
        Write(verb);
        Write(" "u8);
        WriteName(lockClass);
        if (LockClasses.NestsAscending(lockClass))
        {
            Write(" "u8);
            WriteNumber((uint)number);
        }

        Write("\n"u8);
        WriteTrace(trace);
    }

    /// <summary>Writes the name of a class.</summary>
    public static void WriteName(LockClass lockClass)
    {
        if (LockClasses.RegisteredName(lockClass) is { } name)
        {
            foreach (char c in name)
            {
                WriteByte(c is >= ' ' and <= '~' ? (byte)c : (byte)'?');
            }

            return;
        }

        Write(DeclaredLockClasses.NameOf(lockClass));
    }

    /// <summary>Writes where something happened, without the lock's own methods.</summary>
    public static void WriteTrace(in CallTrace trace)
    {
        ReadOnlySpan<byte> own = "CosmosKernel.Machine.Locking."u8;
        bool first = true;
        for (int i = 0; i < CallTrace.Frames && trace[i] != 0; i++)
        {
            // A return address: the call is before it.
            bool known = SymbolTable.TryFind(trace[i] - 1, out SymbolInfo info);
            var type = new ReadOnlySpan<byte>(info.TypeName, info.TypeNameLength);
            if (known && type.StartsWith(own))
            {
                continue;
            }

            Write(first ? "      at "u8 : "      called by "u8);
            first = false;
            if (!known)
            {
                Write("an unknown address\n"u8);
                continue;
            }

            if (info.TypeNameLength > 0)
            {
                Write(type);
                Write("."u8);
            }

            Write(new ReadOnlySpan<byte>(info.MethodName, info.MethodNameLength));
            if (info.FileLength > 0)
            {
                Write(" in "u8);
                Write(new ReadOnlySpan<byte>(info.File, info.FileLength));
                Write(":"u8);
                WriteNumber((uint)info.Line);
            }

            Write("\n"u8);
        }
    }

    /// <summary>Writes a number in decimal.</summary>
    public static void WriteNumber(ulong value)
    {
        ulong divisor = 1;
        while (value / divisor >= 10)
        {
            divisor *= 10;
        }

        for (; divisor != 0; divisor /= 10)
        {
            WriteByte((byte)('0' + (value / divisor % 10)));
        }
    }

    /// <summary>Writes text, ASCII.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            WriteByte(b);
        }
    }

    private static bool IsExpected(LockClass lockClass) => ((s_expected[(int)lockClass >> 6] >> ((int)lockClass & 63)) & 1) != 0;

    private static void WriteByte(byte value)
    {
        if (s_isMuted)
        {
            return;
        }

        if (s_isExpected)
        {
            Append(ref s_expectedText, ref s_expectedLength, value);
            return;
        }

        Append(ref s_text, ref s_length, value);
        ReadOnlySpan<byte> one = new(ref value);
        EarlyConsole.Write(one);
    }

    // What does not fit is on the console only.
    private static void Append(ref TextBuffer text, ref int length, byte value)
    {
        int at = length;
        if (at < TextBytes)
        {
            text[at] = value;

            // Release: who reads the length sees the bytes below it.
            Volatile.Write(ref length, at + 1);
        }
    }

    [InlineArray(TextBytes)]
    private struct TextBuffer
    {
        private byte _first;
    }

    [InlineArray(LockGraph.MaximumClasses / 64)]
    private struct ExpectedSet
    {
        private ulong _first;
    }

    [InlineArray((int)LockRule.Count)]
    private struct RuleCounts
    {
        private int _first;
    }
}
