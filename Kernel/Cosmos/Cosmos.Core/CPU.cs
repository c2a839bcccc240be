using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Cpus;
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
    public static void Halt() => Thread.Sleep(1);

    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
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
