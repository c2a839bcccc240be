using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using Interlocked = System.Threading.Interlocked;
using Volatile = System.Threading.Volatile;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// Random bytes: ChaCha20 (RFC 8439, 2.3) that replaces its key with its own output after each block, so that what it gave out cannot be
/// computed from what it holds. A request for more than a key's length gets a stream with a key of its own. Seeded by RDRAND where the CPU has it, and always by the time-stamp counter.
/// </summary>
/// <remarks>Task context. On a CPU without RDRAND the bytes are not fit for secrets, and <see cref="IsSeeded"/> says so.</remarks>
internal static unsafe class RandomNumbers
{
    private const int KeyBytes = 32;
    private const int SeedWords = 6;

    // "expand 32-byte k"
    private const uint Constant0 = 0x61707865;
    private const uint Constant1 = 0x3320646e;
    private const uint Constant2 = 0x79622d32;
    private const uint Constant3 = 0x6b206574;
    private const uint RandFeature = 1u << 30;

    private static SpinLock s_lock = new(LockClass.RandomNumbers);

    [GuardedBy(nameof(s_lock))]
    private static Block s_state;

    [GuardedBy(nameof(s_lock))]
    private static bool s_started;

    [Atomic]
    private static ulong s_mixedBytes;

    /// <summary>Whether the CPU's random number generator has seeded this one. False before the first use.</summary>
    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    public static bool IsSeeded { get; private set; }

    /// <summary>Bytes that were mixed in.</summary>
    public static ulong MixedBytes => Volatile.Read(ref s_mixedBytes);

    /// <summary>Fills a buffer.</summary>
    public static void Fill(byte* buffer, int length)
    {
        Key key;
        TakeKey(&key);
        if (length <= KeyBytes)
        {
            _ = MemoryOperations.Move(buffer, &key, (nuint)length);
            return;
        }

        // More comes from a stream of its own, whose key nobody else gets, without the lock.
        Block state;
        state.Constants = Vector128.Create(Constant0, Constant1, Constant2, Constant3);
        state.LowKey = key.Low;
        state.HighKey = key.High;
        state.Counter = Vector128<uint>.Zero;
        while (length > 0)
        {
            Block block = Permute(state);
            state.Counter += Vector128.CreateScalar(1u);
            int count = length < sizeof(Block) ? length : sizeof(Block);
            _ = MemoryOperations.Move(buffer, &block, (nuint)count);
            buffer += count;
            length -= count;
        }
    }

    /// <summary>Mixes bytes into the state: each 32 are added to the key, and the block function spreads them over all of it.</summary>
    public static void Mix(byte* bytes, int length, bool isTrusted)
    {
        bool isEnough = isTrusted && length >= KeyBytes;
        Interlocked.Add(ref s_mixedBytes, (ulong)length);
        while (length > 0)
        {
            int count = length < KeyBytes ? length : KeyBytes;
            Key key = default;
            _ = MemoryOperations.Move((byte*)&key, bytes, (nuint)count);
            bytes += count;
            length -= count;
            using (s_lock.Enter())
            {
                if (!s_started)
                {
                    Seed();
                    s_started = true;
                }

                s_state.LowKey ^= key.Low;
                s_state.HighKey ^= key.High;
                Block block = Permute(s_state);
                s_state.LowKey = block.Constants;
                s_state.HighKey = block.LowKey;
                IsSeeded |= isEnough;
            }
        }
    }

    // One block: half of it replaces the generator's own key, half is given out.
    private static void TakeKey(Key* key)
    {
        using (s_lock.Enter())
        {
            if (!s_started)
            {
                Seed();
                s_started = true;
            }

            // Time is mixed into every block: a copy of the state (a restored virtual machine) does not repeat its output.
            s_state.Counter = Vector128.Create((uint)CpuInstructions.ReadTsc(), 1, 0, 0) + s_state.Counter;
            Block block = Permute(s_state);
            s_state.LowKey = block.Constants;
            s_state.HighKey = block.LowKey;
            key->Low = block.HighKey;
            key->High = block.Counter;
        }
    }

    // The block function: ten times a round of the columns and one of the diagonals; each vector is a row.
    private static Block Permute(in Block state)
    {
        Vector128<uint> a = state.Constants;
        Vector128<uint> b = state.LowKey;
        Vector128<uint> c = state.HighKey;
        Vector128<uint> d = state.Counter;
        for (int round = 0; round < 10; round++)
        {
            Quarters(ref a, ref b, ref c, ref d);
            b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
            Quarters(ref a, ref b, ref c, ref d);
            b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
        }

        return new Block { Constants = a + state.Constants, LowKey = b + state.LowKey, HighKey = c + state.HighKey, Counter = d + state.Counter };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        a += b;
        d ^= a;
        d = (d << 16) | (d >>> 16);
        c += d;
        b ^= c;
        b = (b << 12) | (b >>> 20);
        a += b;
        d ^= a;
        d = (d << 8) | (d >>> 24);
        c += d;
        b ^= c;
        b = (b << 7) | (b >>> 25);
    }

    [RequiresLock(nameof(s_lock))]
    private static void Seed()
    {
        bool hasRand = (CpuId.Read(1).Ecx & RandFeature) != 0;
        bool good = hasRand;
        ulong* seed = stackalloc ulong[SeedWords];
        for (int i = 0; i < SeedWords; i++)
        {
            ulong value = 0;
            good &= hasRand && TryRandom(&value);
            seed[i] = value ^ CpuInstructions.ReadTsc();
        }

        s_state.Constants = Vector128.Create(Constant0, Constant1, Constant2, Constant3);
        s_state.LowKey = Vector128.Create(seed[0], seed[1]).AsUInt32();
        s_state.HighKey = Vector128.Create(seed[2], seed[3]).AsUInt32();
        s_state.Counter = Vector128.Create(seed[4], seed[5]).AsUInt32();
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

    // The state of RFC 8439, a row a vector: constants, key, key, and counter with nonce. What the block function makes of it has the same shape.
    private struct Block
    {
        public Vector128<uint> Constants;
        public Vector128<uint> LowKey;
        public Vector128<uint> HighKey;
        public Vector128<uint> Counter;
    }

    private struct Key
    {
        public Vector128<uint> Low;
        public Vector128<uint> High;
    }
}
