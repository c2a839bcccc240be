using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Console;

/// <summary>What the kernel is called, and what it runs on.</summary>
public static class KernelVersion
{
    /// <summary>Name.</summary>
    public const string Name = "CosmosKernel";

    /// <summary>Version.</summary>
    public const string Number = "0.1.0";

    // Intel SDM volume 2, CPUID, "The Processor Brand String Method".
    private const uint BrandFirst = 0x8000_0002;
    private const uint BrandLast = 0x8000_0004;

    /// <summary>The processor's own name, or its vendor when it has none.</summary>
    public static string ProcessorName
    {
        get
        {
            byte[] text = new byte[48];
            if (CpuId.MaximumExtendedLeaf >= BrandLast)
            {
                for (uint leaf = BrandFirst; leaf <= BrandLast; leaf++)
                {
                    CpuIdResult part = CpuId.Read(leaf);
                    Put(text.AsSpan((int)(leaf - BrandFirst) * 16), part.Eax, part.Ebx, part.Ecx, part.Edx);
                }
            }
            else
            {
                CpuIdResult vendor = CpuId.Read(0);
                Put(text, vendor.Ebx, vendor.Edx, vendor.Ecx, 0);
            }

            return Encoding.ASCII.GetString(text).Split('\0')[0].Trim();
        }
    }

    private static void Put(Span<byte> text, uint a, uint b, uint c, uint d)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(text, a);
        BinaryPrimitives.WriteUInt32LittleEndian(text[4..], b);
        BinaryPrimitives.WriteUInt32LittleEndian(text[8..], c);
        BinaryPrimitives.WriteUInt32LittleEndian(text[12..], d);
    }
}
