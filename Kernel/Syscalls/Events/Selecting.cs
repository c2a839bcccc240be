using System;
using System.Numerics;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>select(2): the system call writes the time that is left.</summary>
[SystemCall(23, "select", Support.All)]
internal sealed class SelectCall : SystemCall
{
    private const int BitsPerWord = 64;
    private const int FewWords = 16;
    private const int FewEntries = 64;
    private const int SetCount = 3;

    // What each of the three sets stands for.
    private const PollEvents Input = PollEvents.ReadNormal | PollEvents.ReadBand | PollEvents.In | PollEvents.HangUp | PollEvents.Error;
    private const PollEvents Output = PollEvents.WriteBand | PollEvents.WriteNormal | PollEvents.Out | PollEvents.Error;
    private const PollEvents Exceptional = PollEvents.Priority;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        CallTimeout timeout = CallTimeout.Never;
        if (registers.R8 != 0)
        {
            if (!new UserPointer<Timeval>(registers.R8).TryRead(out Timeval time))
            {
                return -(long)Errno.EFAULT;
            }

            // More than a second of microseconds is taken, as by Linux; nothing negative.
            if (time.Seconds < 0 || time.Microseconds < 0)
            {
                return -(long)Errno.EINVAL;
            }

            Timespec whole = new Timeval(time.Seconds > long.MaxValue >> 1 ? time.Seconds : time.Seconds + (time.Microseconds / 1_000_000), time.Microseconds % 1_000_000).ToTimespec();
            timeout = CallTimeout.From(whole);
        }

        long result = Select(thread, ref registers, timeout);
        return timeout.WriteLeft(registers.R8, isTimeval: true, result);
    }

    /// <summary>Waits for descriptors of the sets that the first four registers give.</summary>
    /// <returns>As select(2); -ERESTARTNOHAND when a signal came.</returns>
    [MightSleep]
    public static long Select(UserThread thread, ref UserRegisters registers, in CallTimeout timeout)
    {
        int count = (int)registers.Rdi;
        if (count < 0)
        {
            return -(long)Errno.EINVAL;
        }

        count = Math.Min(count, FileTable.Maximum);
        int words = (count + BitsPerWord - 1) / BitsPerWord;
        Span<ulong> sets = words <= FewWords ? stackalloc ulong[FewWords * SetCount] : new ulong[words * SetCount];
        sets = sets[..(words * SetCount)];
        sets.Clear();
        if (!TryRead(registers.Rsi, sets[..words]) || !TryRead(registers.Rdx, sets.Slice(words, words)) || !TryRead(registers.R10, sets[(2 * words)..]))
        {
            return -(long)Errno.EFAULT;
        }

        int used = CountDescriptors(sets, words, count);
        Span<PollEntry> entries = used <= FewEntries ? stackalloc PollEntry[FewEntries] : new PollEntry[used];
        entries = entries[..used];
        Fill(entries, sets, words, count);
        WaitClock.Set(thread, timeout.End, isRealtime: false);
        long result = thread.Poll.Wait(entries, FileTable.Current!, thread.Deadline, timeout.MayWait);
        thread.Deadline.Clear();
        if (result < 0)
        {
            return result == -(long)Errno.EINTR ? -(long)Errno.ERESTARTNOHAND : result;
        }

        result = Collect(entries, sets, words);
        if (result < 0)
        {
            return result;
        }

        bool written = TryWrite(registers.Rsi, sets[..words]) && TryWrite(registers.Rdx, sets.Slice(words, words)) && TryWrite(registers.R10, sets[(2 * words)..]);
        return written ? result : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private static bool TryRead([UserAddress] ulong address, Span<ulong> set)
    {
        for (int i = 0; i < set.Length && address != 0; i++)
        {
            if (!UserMemory.TryRead(address + (ulong)(i * sizeof(ulong)), out set[i]))
            {
                return false;
            }
        }

        return true;
    }

    [MightSleep]
    private static bool TryWrite([UserAddress] ulong address, ReadOnlySpan<ulong> set)
    {
        for (int i = 0; i < set.Length && address != 0; i++)
        {
            if (!UserMemory.TryWrite(address + (ulong)(i * sizeof(ulong)), set[i]))
            {
                return false;
            }
        }

        return true;
    }

    // Bits at and above the count do not count.
    private static ulong AnyOf(ReadOnlySpan<ulong> sets, int words, int word, int count)
    {
        int left = count - (word * BitsPerWord);
        ulong mask = left >= BitsPerWord ? ulong.MaxValue : (1ul << left) - 1;
        return (sets[word] | sets[words + word] | sets[(2 * words) + word]) & mask;
    }

    private static int CountDescriptors(ReadOnlySpan<ulong> sets, int words, int count)
    {
        int used = 0;
        for (int word = 0; word < words; word++)
        {
            used += BitOperations.PopCount(AnyOf(sets, words, word, count));
        }

        return used;
    }

    private static void Fill(Span<PollEntry> entries, ReadOnlySpan<ulong> sets, int words, int count)
    {
        int next = 0;
        for (int word = 0; word < words; word++)
        {
            for (ulong bits = AnyOf(sets, words, word, count); bits != 0; bits &= bits - 1)
            {
                int bit = BitOperations.TrailingZeroCount(bits);
                PollEvents wanted = (Has(sets, word, bit) ? Input : PollEvents.None)
                    | (Has(sets, words + word, bit) ? Output : PollEvents.None)
                    | (Has(sets, (2 * words) + word, bit) ? Exceptional : PollEvents.None);
                entries[next] = new PollEntry((word * BitsPerWord) + bit, wanted);
                next++;
            }
        }
    }

    private static bool Has(ReadOnlySpan<ulong> sets, int word, int bit) => ((sets[word] >> bit) & 1) != 0;

    // Puts what was found into the sets; -EBADF if a descriptor is none.
    private static long Collect(ReadOnlySpan<PollEntry> entries, Span<ulong> sets, int words)
    {
        sets.Clear();
        long found = 0;
        foreach (PollEntry entry in entries)
        {
            if ((entry.Events & PollEvents.Invalid) != 0)
            {
                return -(long)Errno.EBADF;
            }

            int word = entry.Descriptor / BitsPerWord;
            ulong bit = 1ul << (entry.Descriptor % BitsPerWord);
            var wanted = (PollEvents)entry.Wanted;
            found += Set(sets, word, bit, entry.Events & Input, (wanted & PollEvents.In) != 0);
            found += Set(sets, words + word, bit, entry.Events & Output, (wanted & PollEvents.Out) != 0);
            found += Set(sets, (2 * words) + word, bit, entry.Events & Exceptional, (wanted & PollEvents.Priority) != 0);
        }

        return found;
    }

    private static long Set(Span<ulong> sets, int word, ulong bit, PollEvents found, bool wanted)
    {
        if (!wanted || found == PollEvents.None)
        {
            return 0;
        }

        sets[word] |= bit;
        return 1;
    }
}

/// <summary>pselect(2): the system call takes the mask through a structure, and writes the time that is left.</summary>
[SystemCall(270, "pselect6", Support.All)]
internal sealed class SelectWithMask : SystemCall
{
    private const ulong SizeOffset = 8;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong mask = 0;
        ulong bytes = 0;
        if (registers.R9 != 0 && (!UserMemory.TryRead(registers.R9, out mask) || !UserMemory.TryRead(registers.R9 + SizeOffset, out bytes)))
        {
            return -(long)Errno.EFAULT;
        }

        Errno error = CallTimeout.TryRead(registers.R8, out CallTimeout timeout);
        if (error == Errno.Ok)
        {
            error = CallMask.Begin(thread, mask, bytes);
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long result = SelectCall.Select(thread, ref registers, timeout);
        return CallMask.End(thread, timeout.WriteLeft(registers.R8, isTimeval: false, result));
    }
}
