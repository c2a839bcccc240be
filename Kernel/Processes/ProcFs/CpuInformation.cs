using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/cpuinfo, from CPUID (Intel SDM volume 2, CPUID). Task context.</summary>
internal static class CpuInformation
{
    private const string Leaf1Edx = "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe";
    private const string Leaf1Ecx = "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor";
    private const string Leaf7Ebx = "fsgsbase tsc_adjust - bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - mpx - avx512f avx512dq rdseed adx smap avx512ifma - clflushopt clwb - avx512pf avx512er avx512cd sha_ni avx512bw avx512vl";
    private const string Leaf7Ecx = "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg - avx512_vpopcntdq - la57 - - - - - rdpid";
    private const string ExtendedEdx = "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow";
    private const string ExtendedEcx = "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr - tbm topoext";

    public static void Write(TextBuilder to)
    {
        CpuIdResult basic = CpuId.Read(0);
        CpuIdResult signature = CpuId.Read(1);
        uint family = signature.Eax >> 8 & 15;
        uint model = signature.Eax >> 4 & 15;
        if (family is 6 or 15)
        {
            model |= signature.Eax >> 12 & 0xF0;
        }

        family += family == 15 ? signature.Eax >> 20 & 0xFF : 0;
        string flags = Flags(signature);
        uint addressSizes = CpuId.MaximumExtendedLeaf >= 0x8000_0008 ? CpuId.Read(0x8000_0008).Eax : 0x3024;
        int cpus = RunQueues.Count;
        ulong frequency = Clock.TscFrequency;
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            CpuReport.TryGet(cpu, out CpuReport report);
            Line(to, "processor\t", cpu);
            Line(to, "vendor_id\t", Vendor(basic));
            Line(to, "cpu family\t", family);
            Line(to, "model\t\t", model);
            Line(to, "model name\t", Brand());
            Line(to, "stepping\t", signature.Eax & 15);
            to.Add("cpu MHz\t\t: "u8).Add(frequency / 1_000_000).Add('.').AddRight((long)(frequency / 1000 % 1000), 3, '0').Line();
            Line(to, "cache size\t", "512 KB");
            Line(to, "physical id\t", cpu);
            Line(to, "siblings\t", 1);
            Line(to, "core id\t\t", 0);
            Line(to, "cpu cores\t", 1);
            Line(to, "apicid\t\t", report.ApicId);
            Line(to, "initial apicid\t", report.ApicId);
            Line(to, "fpu\t\t", "yes");
            Line(to, "fpu_exception\t", "yes");
            Line(to, "cpuid level\t", basic.Eax);
            Line(to, "wp\t\t", "yes");
            Line(to, "flags\t\t", flags);
            Line(to, "bugs\t\t", "");
            to.Add("bogomips\t: "u8).AddHundredths(frequency / 5000).Line();
            Line(to, "clflush size\t", (signature.Ebx >> 8 & 0xFF) * 8);
            Line(to, "cache_alignment\t", 64);
            to.Add("address sizes\t: "u8).Add((long)(addressSizes & 0xFF)).Add(" bits physical, "u8).Add((long)(addressSizes >> 8 & 0xFF)).Add(" bits virtual\n"u8);
            to.Add("power management:\n\n"u8);
        }
    }

    private static string Flags(in CpuIdResult signature)
    {
        var flags = new StringBuilder();
        Append(flags, Leaf1Edx, signature.Edx);
        CpuIdResult extended = CpuId.MaximumExtendedLeaf >= 0x8000_0001 ? CpuId.Read(0x8000_0001) : default;
        Append(flags, ExtendedEdx, extended.Edx);
        Append(flags, Leaf1Ecx, signature.Ecx);
        Append(flags, ExtendedEcx, extended.Ecx);
        if (CpuId.HasInvariantTsc)
        {
            flags.Append(" constant_tsc nonstop_tsc");
        }

        if (CpuId.MaximumLeaf >= 7)
        {
            CpuIdResult leaf = CpuId.Read(7);
            Append(flags, Leaf7Ebx, leaf.Ebx);
            Append(flags, Leaf7Ecx, leaf.Ecx);
        }

        return flags.ToString().TrimStart();
    }

    private static void Append(StringBuilder to, string names, uint bits)
    {
        int bit = 0;
        foreach (string name in names.Split(' '))
        {
            if ((bits >> bit & 1) != 0 && name != "-")
            {
                to.Append(' ').Append(name);
            }

            bit++;
        }
    }

    private static string Vendor(in CpuIdResult basic)
    {
        byte[] text = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(text, basic.Ebx);
        BinaryPrimitives.WriteUInt32LittleEndian(text.AsSpan(4), basic.Edx);
        BinaryPrimitives.WriteUInt32LittleEndian(text.AsSpan(8), basic.Ecx);
        return Encoding.ASCII.GetString(text);
    }

    private static string Brand()
    {
        if (CpuId.MaximumExtendedLeaf < 0x8000_0004)
        {
            return "unknown";
        }

        byte[] text = new byte[48];
        for (uint leaf = 0; leaf < 3; leaf++)
        {
            CpuIdResult part = CpuId.Read(0x8000_0002 + leaf);
            Span<byte> to = text.AsSpan((int)leaf * 16);
            BinaryPrimitives.WriteUInt32LittleEndian(to, part.Eax);
            BinaryPrimitives.WriteUInt32LittleEndian(to[4..], part.Ebx);
            BinaryPrimitives.WriteUInt32LittleEndian(to[8..], part.Ecx);
            BinaryPrimitives.WriteUInt32LittleEndian(to[12..], part.Edx);
        }

        return Encoding.ASCII.GetString(text).Split('\0')[0].Trim();
    }

    private static void Line(TextBuilder to, string name, string value) => to.Add(name).Add(": "u8).Add(value).Line();

    private static void Line(TextBuilder to, string name, long value) => to.Add(name).Add(": "u8).Add(value).Line();
}
