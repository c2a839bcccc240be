using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.UserMode;

/// <summary>Copies between the kernel and user memory, at every kind of address.</summary>
public static class CopyTests
{
    private const ulong Base = 0x2000_0000;
    private const int Fault = -14;
    private const int TooLong = -36;

    /// <summary>Every length at every alignment up to a page that is missing: what lies before it is copied to the byte, in both directions.</summary>
    [KernelTest("memory.user_copies_end_exactly_at_a_bad_page")]
    public static void Exact()
    {
        With(program =>
        {
            byte[] expected = Pattern(Page.Size);
            Page page = program.Map(Base, UserRights.Read | UserRights.Write);
            page.Write(0, expected);
            byte[] buffer = new byte[400];
            byte[] written = new byte[200];
            written.AsSpan().Fill(0xEE);
            for (int room = 0; room <= 200; room++)
            {
                ulong address = Base + Page.Size - (ulong)room;
                for (int length = 0; length <= 200; length += length < 20 ? 1 : 9)
                {
                    int copied = Math.Min(length, room);
                    Array.Clear(buffer);
                    Check.Equal(copied, UserMemory.Read(address, buffer.AsSpan(3, length)), $"bytes read of {length} with {room} there");
                    Check.True(buffer.AsSpan(3, copied).SequenceEqual(expected.AsSpan(Page.Size - room, copied)), "what was read");
                    Check.False(buffer.AsSpan(3 + copied).ContainsAnyExcept((byte)0), "behind it");
                    Check.Equal(copied, UserMemory.Write(address, written.AsSpan(0, length)), $"bytes written of {length} with {room} there");
                    page.Read(Page.Size - room, buffer.AsSpan(0, room));
                    Check.True(buffer.AsSpan(0, copied).SequenceEqual(written.AsSpan(0, copied)), "what was written");
                    page.Write(0, expected);
                    Check.Equal(length <= room, UserMemory.TryClear(address, (ulong)length), "whether it could be cleared");
                    page.Write(0, expected);
                }
            }
        });
    }

    /// <summary>Ranges of the kernel, ranges that wrap and ranges across the limit are refused whole.</summary>
    [KernelTest("memory.user_copies_refuse_addresses_of_the_kernel")]
    public static void Refused()
    {
        With(program =>
        {
            byte[] buffer = Pattern(64);
            byte[] before = (byte[])buffer.Clone();
            foreach (ulong address in (ReadOnlySpan<ulong>)[0xFFFF_8000_0000_0000, 0xFFFF_FFFF_8100_0000, ulong.MaxValue, ulong.MaxValue - 31, 0x0000_8000_0000_0000, 0x8000_0000_0000_0000, UserMemory.Limit, UserMemory.Limit - 63])
            {
                Check.Equal(0, UserMemory.Read(address, buffer), $"bytes read at {address:x}");
                Check.Equal(0, UserMemory.Write(address, buffer), $"bytes written at {address:x}");
                Check.False(UserMemory.TryClear(address, 64), $"cleared at {address:x}");
                Check.False(UserMemory.TryClear(address, ulong.MaxValue), $"all cleared from {address:x}");
                Check.False(UserMemory.TryRead(address + 61, out ulong _), $"word at {address:x}");
                Check.False(UserMemory.TryWrite(address + 61, 1ul), $"word written at {address:x}");
                Check.False(UserMemory.TryCompareExchange((address + 60) & ~3ul, 0, 1, out _), $"exchanged at {address:x}");
                Check.Equal(Fault, UserMemory.ReadString(address, buffer), $"string at {address:x}");
            }

            Check.True(buffer.AsSpan().SequenceEqual(before), "the buffer is as it was");
            Check.Equal(0, UserMemory.Read(0, buffer), "bytes read at 0");
            Check.Equal(64, UserMemory.Read(UserProgram.Code, buffer), "code may be read");
            Check.Equal(0, UserMemory.Write(UserProgram.Code, buffer), "and not be written");
            Check.False(UserMemory.IsRange(UserMemory.Limit, 1), "the byte at the limit");
            Check.True(UserMemory.IsRange(UserMemory.Limit, 0), "nothing at the limit");
        });
    }

    /// <summary>Strings end at their NUL, at the end of the room, or at a page that is missing, whatever their alignment.</summary>
    [KernelTest("memory.user_strings_end_where_they_end")]
    public static void Strings()
    {
        With(program =>
        {
            Page page = program.Map(Base, UserRights.Read);
            byte[] letters = new byte[Page.Size];
            letters.AsSpan().Fill((byte)'x');
            byte[] room = new byte[64];
            for (int start = 0; start < 9; start++)
            {
                for (int length = 0; length < 40; length++)
                {
                    page.Write(0, letters);
                    page.Clear(start + length, 1);
                    Check.Equal(length, UserMemory.ReadString(Base + (ulong)start, room), $"length of a string of {length} at {start}");
                    Check.Equal(length == 0 ? 0 : TooLong, UserMemory.ReadString(Base + (ulong)start, room.AsSpan(0, length == 0 ? 1 : length)), "without room for its NUL");
                }
            }

            page.Write(0, letters);
            for (int left = 1; left < 40; left++)
            {
                Check.Equal(Fault, UserMemory.ReadString(Base + Page.Size - (ulong)left, room), $"a string without NUL {left} bytes before a bad page");
                Check.Equal(TooLong, UserMemory.ReadString(Base + Page.Size - (ulong)left, room.AsSpan(0, left)), "the same with room for as much");
            }
        });
    }

    /// <summary>Words are read, written, exchanged and changed; what is not there or not aligned is refused, and with preemption off nobody is asked.</summary>
    [KernelTest("memory.user_words_are_accessed_atomically")]
    public static void Words()
    {
        With(program =>
        {
            Check.True(UserMemory.TryWrite(UserProgram.Data, 0x1_0000_0001ul));
            Check.True(UserMemory.TryRead(UserProgram.Data, out uint word));
            Check.Equal(1u, word);
            Check.True(UserMemory.TryCompareExchange(UserProgram.Data, 1, 2, out uint seen));
            Check.Equal(1u, seen);
            Check.True(UserMemory.TryCompareExchange(UserProgram.Data, 1, 3, out seen));
            Check.Equal(2u, seen);
            Check.True(UserMemory.TryAtomic(UserProgram.Data, UserAtomic.Add, 5, out seen));
            Check.Equal(2u, seen);
            Check.True(UserMemory.TryAtomic(UserProgram.Data, UserAtomic.Or, 0xF0, out seen));
            Check.Equal(7u, seen);
            Check.True(UserMemory.TryAtomic(UserProgram.Data, UserAtomic.AndNot, 0x11, out seen));
            Check.Equal(0xF7u, seen);
            Check.True(UserMemory.TryAtomic(UserProgram.Data, UserAtomic.Xor, 0xFF, out seen));
            Check.Equal(0xE6u, seen);
            Check.True(UserMemory.TryAtomic(UserProgram.Data, UserAtomic.Set, 9, out seen));
            Check.Equal(0x19u, seen);
            Check.True(UserMemory.TryRead(UserProgram.Data, out ulong both));
            Check.Equal(0x1_0000_0009ul, both, "the word beside it is untouched");
            Check.False(UserMemory.TryCompareExchange(UserProgram.Data + 2, 0, 0, out _), "not aligned");
            Check.False(UserMemory.TryRead(Base, out word), "not mapped");
            Check.False(UserMemory.TryWrite(UserProgram.Code, 1u), "not writable");
            Check.False(UserMemory.TryAtomic(UserProgram.Code, UserAtomic.Add, 1, out _), "not writable");
            using (Preemption.Disable())
            {
                Check.True(UserMemory.TryReadNoFault(UserProgram.Data, out word));
                Check.False(UserMemory.TryReadNoFault(Base, out _));
                Check.True(UserMemory.TryCompareExchangeNoFault(UserProgram.Data, 9, 10, out seen));
                Check.False(UserMemory.TryAtomicNoFault(Base, UserAtomic.Add, 1, out _));
            }

            Check.Equal(9u, word);
        });
    }

    private static void With(Action<UserProgram> body)
    {
        using UserProgram program = new(UserCode.Load);
        program.Table.AttachTo(TaskStruct.Current.Thread);
        try
        {
            body(program);
        }
        finally
        {
            UserPageTable.Detach(TaskStruct.Current.Thread);
        }
    }

    private static byte[] Pattern(int length)
    {
        byte[] pattern = new byte[length];
        for (int i = 0; i < length; i++)
        {
            pattern[i] = (byte)(1 + (i % 251));
        }

        return pattern;
    }
}
