using System;
using System.Numerics;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// Random bytes: ChaCha20 (RFC 8439, 2.3) that replaces its key with its own output after each block, so that what it gave out cannot be
/// computed from what it holds. Seeded by RDRAND where the CPU has it, and always by the time-stamp counter.
/// </summary>
/// <remarks>Task context. On a CPU without RDRAND the bytes are not fit for secrets, and <see cref="IsSeeded"/> says so.</remarks>
internal static unsafe class RandomNumbers
{
    private const int BlockWords = 16;
    private const int KeyWords = 8;
    private const int BytesPerBlock = (BlockWords - KeyWords) * sizeof(uint);
    private const uint RandFeature = 1u << 30;

    private static SpinLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static State s_state;

    [GuardedBy(nameof(s_lock))]
    private static bool s_started;

    /// <summary>Whether the CPU's random number generator has seeded this one. False before the first use.</summary>
    public static bool IsSeeded { get; private set; }

    /// <summary>Fills a buffer.</summary>
    public static void Fill(byte* buffer, int length)
    {
        while (length > 0)
        {
            Block block;
            using (s_lock.Enter())
            {
                Next(&block);
            }

            int count = length < BytesPerBlock ? length : BytesPerBlock;
            _ = MemoryOperations.Move(buffer, &block, (nuint)count);
            buffer += count;
            length -= count;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Next(Block* output)
    {
        if (!s_started)
        {
            Seed();
            s_started = true;
        }

        // Time is mixed into every block: a copy of the state (a restored virtual machine) does not repeat its output.
        s_state.Words[12] ^= (uint)CpuInstructions.ReadTsc();
        s_state.Words[13]++;
        uint* work = stackalloc uint[BlockWords];
        for (int i = 0; i < BlockWords; i++)
        {
            work[i] = s_state.Words[i];
        }

        for (int round = 0; round < 10; round++)
        {
            Quarter(work, 0, 4, 8, 12);
            Quarter(work, 1, 5, 9, 13);
            Quarter(work, 2, 6, 10, 14);
            Quarter(work, 3, 7, 11, 15);
            Quarter(work, 0, 5, 10, 15);
            Quarter(work, 1, 6, 11, 12);
            Quarter(work, 2, 7, 8, 13);
            Quarter(work, 3, 4, 9, 14);
        }

        for (int i = 0; i < KeyWords; i++)
        {
            s_state.Words[4 + i] = work[i] + s_state.Words[i];
            output->Words[i] = work[KeyWords + i] + s_state.Words[KeyWords + i];
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Seed()
    {
        // "expand 32-byte k"
        s_state.Words[0] = 0x61707865;
        s_state.Words[1] = 0x3320646e;
        s_state.Words[2] = 0x79622d32;
        s_state.Words[3] = 0x6b206574;
        bool hasRand = (CpuId.Read(1).Ecx & RandFeature) != 0;
        bool good = hasRand;
        for (int i = 4; i < BlockWords; i += 2)
        {
            ulong value = 0;
            good &= hasRand && TryRandom(&value);
            value ^= CpuInstructions.ReadTsc();
            s_state.Words[i] ^= (uint)value;
            s_state.Words[i + 1] ^= (uint)(value >> 32);
        }

        IsSeeded = good;
    }

    // Intel's software guide asks for ten attempts.
    private static bool TryRandom(ulong* value)
    {
        for (int attempt = 0; attempt < 10; attempt++)
        {
            if (CpuRandom(value) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static void Quarter(uint* s, int a, int b, int c, int d)
    {
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 7);
    }

    [RuntimeExport("SystemNative_GetNonCryptographicallySecureRandomBytes")]
    private static void GetBytes(byte* buffer, int length) => Fill(buffer, length);

    // 0 is success; without a seed from the CPU the call fails, and CoreLib throws.
    [RuntimeExport("SystemNative_GetCryptographicallySecureRandomBytes")]
    private static int GetSecureBytes(byte* buffer, int length)
    {
        Fill(buffer, length);
        return IsSeeded ? 0 : -1;
    }

    [RuntimeImport("CpuRandom")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int CpuRandom(ulong* value);

    private struct State
    {
        public fixed uint Words[BlockWords];
    }

    private struct Block
    {
        public fixed uint Words[BlockWords - KeyWords];
    }
}
