using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules;

namespace Cosmos.Core;

/// <summary>The processor, as Cosmos kernels ask about it. Task context.</summary>
public static class CPU
{
    private const uint BrandLeaves = 0x8000_0002;
    private const int BrandLeafCount = 3;
    private const ulong BytesPerMebibyte = 1024 * 1024;

    /// <summary>Memory that the kernel manages, in mebibytes.</summary>
    public static uint GetAmountOfRAM() => (uint)(FrameAllocator.ManagedFrames * (ulong)Frame.Size / BytesPerMebibyte);

    /// <summary>Name of the processor's maker, 12 characters (Intel SDM volume 2, CPUID leaf 0).</summary>
    public static string GetCPUVendorName()
    {
        CpuIdResult leaf = CpuId.Read(0);
        return TextOf([leaf.Ebx, leaf.Edx, leaf.Ecx]);
    }

    /// <summary>Name of the processor (Intel SDM volume 2, CPUID leaves 80000002H to 80000004H).</summary>
    /// <exception cref="NotSupportedException">The processor does not tell.</exception>
    public static string GetCPUBrandString()
    {
        if (CpuId.MaximumExtendedLeaf < BrandLeaves + BrandLeafCount - 1)
        {
            throw new NotSupportedException("This processor has no brand string");
        }

        uint[] registers = new uint[BrandLeafCount * 4];
        for (int i = 0; i < BrandLeafCount; i++)
        {
            CpuIdResult leaf = CpuId.Read(BrandLeaves + (uint)i);
            (registers[4 * i], registers[(4 * i) + 1], registers[(4 * i) + 2], registers[(4 * i) + 3]) = (leaf.Eax, leaf.Ebx, leaf.Ecx, leaf.Edx);
        }

        return TextOf(registers);
    }

    /// <summary>Time since the clock started, in ticks of the time-stamp counter; nanoseconds where its frequency is not known.</summary>
    public static ulong GetCPUUptime() =>
        Clock.TscFrequency == 0 ? Clock.MonotonicNanoseconds : (ulong)((UInt128)Clock.MonotonicNanoseconds * Clock.TscFrequency / 1_000_000_000);

    /// <summary>Frequency of the time-stamp counter in Hz.</summary>
    /// <exception cref="NotSupportedException">It is not known on this machine.</exception>
    public static long GetCPUCycleSpeed() =>
        Clock.TscFrequency != 0 ? (long)Clock.TscFrequency : throw new NotSupportedException("The frequency of the time-stamp counter is not known on this machine");

    /// <summary>Gives the processor away for a moment, as a kernel does that waits for an interrupt. Other tasks run, or the processor halts: a millisecond at most.</summary>
    [MightSleep]
    public static void Halt() => Thread.Sleep(1);

    /// <summary>Whether the calling task is outside of <see cref="DisableInterrupts"/>.</summary>
    public static bool mInterruptsEnabled => !InterruptGate.IsClosed;

    /// <summary>Ends what <see cref="DisableInterrupts"/> began; nothing without it.</summary>
    [MightSleep]
    public static void EnableInterrupts() => InterruptGate.Open();

    /// <summary>
    /// Keeps the kernel's own handlers (of <see cref="INTs"/> and timers) from running, and other tasks from getting past this call, until <see cref="EnableInterrupts"/>. The processors' interrupts stay
    /// on, and tasks go on being switched: it is a lock, and the calling task may sleep.
    /// </summary>
    /// <returns>Whether they were on before, for the calling task.</returns>
    [MightSleep]
    public static bool DisableInterrupts()
    {
        bool before = mInterruptsEnabled;
        InterruptGate.Close();
        return before;
    }

    /// <summary>Whether CPUID can be read: 1, on every processor that runs this.</summary>
    public static int CanReadCPUID() => 1;

    /// <summary>Reads a leaf of CPUID (Intel SDM volume 2), on the processor that the task runs on.</summary>
    /// <param name="type">The leaf.</param>
    /// <param name="eax">Gets EAX.</param>
    /// <param name="ebx">Gets EBX.</param>
    /// <param name="ecx">The subleaf; gets ECX.</param>
    /// <param name="edx">Gets EDX.</param>
    public static void ReadCPUID(uint type, ref int eax, ref int ebx, ref int ecx, ref int edx)
    {
        CpuIdResult leaf = CpuId.Read(type, (uint)ecx);
        (eax, ebx, ecx, edx) = ((int)leaf.Eax, (int)leaf.Ebx, (int)leaf.Ecx, (int)leaf.Edx);
    }

    /// <summary>The frequency that a processor's brand string tells, such as <c>3.50GHz</c> at its end.</summary>
    /// <returns>Hertz; 0 when it tells none.</returns>
    public static long EstimateCPUSpeedFromName(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        foreach ((string unit, double factor) in (ReadOnlySpan<(string, double)>)[("GHz", 1e9), ("MHz", 1e6)])
        {
            int end = s.LastIndexOf(unit, StringComparison.OrdinalIgnoreCase);
            if (end < 0)
            {
                continue;
            }

            string number = s[..end].TrimEnd();
            number = number[(number.LastIndexOf(' ') + 1)..];
            if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                return (long)Math.Round(value * factor);
            }
        }

        return 0;
    }

    /// <summary>The machine's physical memory, as the firmware describes it.</summary>
    public static MemoryMapBlock[] GetMemoryMap()
    {
        var blocks = new MemoryMapBlock[FirmwareMemoryMap.Count];
        for (int i = 0; i < blocks.Length; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            blocks[i] = new MemoryMapBlock { Address = range.Start, Length = range.Length, Type = (uint)range.Kind };
        }

        return blocks;
    }

    /// <summary>Physical address behind the kernel's image.</summary>
    /// <exception cref="NotSupportedException">Always: addresses do not fit, and the image is not one piece.</exception>
    public static uint GetEndOfKernel() => throw new NotSupportedException("the kernel's image has no end that a uint holds (docs/cosmos.md)");

    /// <summary>Fills memory with zeros.</summary>
    /// <exception cref="NotSupportedException">Always: code here has no bare addresses.</exception>
    public static void ZeroFill(uint aStartAddress, uint aLength) => throw new NotSupportedException("memory has no bare addresses here; arrays and spans have Clear (docs/cosmos.md)");

    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Reboot() => SystemPower.Reboot();

    private static string TextOf(ReadOnlySpan<uint> registers)
    {
        byte[] bytes = new byte[registers.Length * sizeof(uint)];
        for (int i = 0; i < registers.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), registers[i]);
        }

        return Encoding.ASCII.GetString(bytes).TrimEnd('\0').Trim();
    }
}
