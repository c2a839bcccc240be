using System.Text;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Processes.ProcFs;
using Xunit;

namespace CosmosKernel.Terminals.Tests;

/// <summary>The texts of /proc, as programs parse them.</summary>
public sealed class ProcessFormatTests
{
    private static readonly ProcessReport s_report = new()
    {
        Id = 42,
        ProcessId = 40,
        Name = "a) b (c",
        State = 'S',
        Parent = 1,
        Group = 40,
        Session = 39,
        Terminal = 0x8803,
        Foreground = 41,
        Flags = 0x0040_0000,
        MinorFaults = 5,
        ChildMinorFaults = 6,
        MajorFaults = 7,
        ChildMajorFaults = 8,
        UserTime = 1_239_999_999,
        SystemTime = 20_000_000,
        ChildUserTime = 30_000_000,
        ChildSystemTime = 40_000_000,
        Priority = 20,
        Threads = 3,
        StartTime = 12_340_000_000,
        Memory = new MemoryReport(100, 120, 50, 60, 30, 15, 5, 40, 33, 20, 2, 8192)
        {
            CodeStart = 0x1000,
            CodeEnd = 0x4001,
            DataStart = 0x5000,
            DataEnd = 0x6000,
            HeapStart = 0x7000,
            StackStart = 0x8000,
            ArgumentsStart = 0x8100,
            ArgumentsEnd = 0x8200,
            EnvironmentStart = 0x8300,
            EnvironmentEnd = 0x8400,
        },
        Pending = 1UL << 40,
        Blocked = 0x10000,
        Ignored = 0x1000,
        Handled = 2,
        SharedPending = 4,
        IsWaiting = true,
        ExitSignal = 17,
        Cpu = 2,
        Umask = 18,
        Users = (1000, 1001, 1002, 1003),
        Groups = (100, 101, 102, 103),
        Supplementary = [4, 24],
        Capabilities = (0, 1, 2, 0x1FFFFFFFFFF, 0),
        DescriptorSlots = 64,
        QueuedSignals = (3, 4000),
        AllowedCpus = [0xB, 0, 0, 0],
        VoluntarySwitches = 11,
        InvoluntarySwitches = 12,
    };

    [Fact]
    public void StatHas52FieldsInTheirOrder()
    {
        var text = new TextBuilder();
        ProcessFormats.Stat(text, s_report);
        Assert.Equal(
            "42 (a) b (c) S 1 40 39 34819 41 4194304 5 6 7 8 123 2 3 4 20 0 3 0 1234 409600 50 18446744073709551615 4096 16385 32768 0 0 0 65536 4096 2 1 0 0 17 2 0 0 0 0 0 " +
            "20480 24576 28672 33024 33280 33536 33792 0\n",
            Encoding.UTF8.GetString(text.Text));
        Assert.Equal(52 - 2, Encoding.UTF8.GetString(text.Text).TrimEnd()[("42 (a) b (c) ".Length)..].Split(' ').Length);
    }

    [Fact]
    public void StatmHasSevenFields()
    {
        var text = new TextBuilder();
        ProcessFormats.Statm(text, s_report);
        Assert.Equal("100 50 20 4 0 73 0\n", Encoding.UTF8.GetString(text.Text));
    }

    [Fact]
    public void StatusIsAsLinuxHasIt()
    {
        var text = new TextBuilder();
        ProcessFormats.Status(text, s_report);
        string expected =
            "Name:\ta) b (c\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t40\nNgid:\t0\nPid:\t42\nPPid:\t1\nTracerPid:\t0\nUid:\t1000\t1001\t1002\t1003\nGid:\t100\t101\t102\t103\nFDSize:\t64\n" +
            "Groups:\t4 24 \nNStgid:\t40\nNSpid:\t42\nNSpgid:\t40\nNSsid:\t39\n" +
            "VmPeak:\t     480 kB\nVmSize:\t     400 kB\nVmLck:\t       8 kB\nVmPin:\t       0 kB\nVmHWM:\t     240 kB\nVmRSS:\t     200 kB\nRssAnon:\t     120 kB\nRssFile:\t      60 kB\n" +
            "RssShmem:\t      20 kB\nVmData:\t     160 kB\nVmStk:\t     132 kB\nVmExe:\t      16 kB\nVmLib:\t      64 kB\nVmPTE:\t       8 kB\nVmSwap:\t       0 kB\nHugetlbPages:\t       0 kB\n" +
            "CoreDumping:\t0\nTHP_enabled:\t0\nThreads:\t3\nSigQ:\t3/4000\nSigPnd:\t0000010000000000\nShdPnd:\t0000000000000004\nSigBlk:\t0000000000010000\nSigIgn:\t0000000000001000\n" +
            "SigCgt:\t0000000000000002\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000001\nCapEff:\t0000000000000002\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\n" +
            "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\nCpus_allowed:\tb\nCpus_allowed_list:\t0-1,3\nMems_allowed:\t00000001\nMems_allowed_list:\t0\n" +
            "voluntary_ctxt_switches:\t11\nnonvoluntary_ctxt_switches:\t12\n";
        Assert.Equal(expected, Encoding.UTF8.GetString(text.Text));
    }

    [Fact]
    public void ATaskOfTheKernelHasNoMemoryLines()
    {
        var text = new TextBuilder();
        ProcessFormats.Status(text, s_report with { Memory = null, Umask = -1 });
        Assert.DoesNotContain("Vm", Encoding.UTF8.GetString(text.Text));
        Assert.StartsWith("Name:\ta) b (c\nState:", Encoding.UTF8.GetString(text.Text));
    }

    [Theory]
    [InlineData(1UL, 0UL, "1", "0")]
    [InlineData(0xFUL, 0UL, "f", "0-3")]
    [InlineData(0x1_0000_0000UL, 0UL, "00000001,00000000", "32")]
    [InlineData(0x5UL, 0x3UL, "00000003,00000000,00000005", "0,2,64-65")]
    [InlineData(ulong.MaxValue, 1UL, "00000001,ffffffff,ffffffff", "0-64")]
    public void SetsOfCpusAreMasksAndLists(ulong low, ulong high, string mask, string list)
    {
        var text = new TextBuilder();
        ProcessFormats.CpuMask(text, [low, high]);
        Assert.Equal(mask, Encoding.UTF8.GetString(text.Text));
        text.Clear();
        ProcessFormats.CpuList(text, [low, high]);
        Assert.Equal(list, Encoding.UTF8.GetString(text.Text));
    }

    [Fact]
    public void TheLoadApproachesTheNumberOfActiveTasksAndFadesAway()
    {
        ulong average = 0;
        for (int i = 0; i < 12; i++)
        {
            average = LoadAverage.Next(average, 1884, 4);
        }

        // 1 - 1/e after a minute.
        Assert.InRange(average, (ulong)(4 * 0.62 * LoadAverage.One), (ulong)(4 * 0.64 * LoadAverage.One));
        for (int i = 0; i < 400; i++)
        {
            average = LoadAverage.Next(average, 1884, 4);
        }

        Assert.Equal(4 * LoadAverage.One, average);
        for (int i = 0; i < 400; i++)
        {
            average = LoadAverage.Next(average, 1884, 0);
        }

        Assert.Equal(0UL, average);
    }

    [Fact]
    public void TextIsPutTogetherAsProcNeedsIt()
    {
        var text = new TextBuilder();
        text.Add("a").Add(' ').Add(-5L).Add(' ').Add(ulong.MaxValue).Line().AddRight(7, 4).AddRight(7, 3, '0').Add('|').AddLeft("x", 3).Add('|').AddHex(0xAB, 4).Add(' ').AddHex(0).Line();
        text.AddOctal(18, 4).Add(' ').AddHundredths(105).Add(' ').AddEscaped("a b\\c\td"u8).Line();
        Assert.Equal("a -5 18446744073709551615\n   7007|x  |00ab 0\n0022 1.05 a\\040b\\134c\\011d\n", Encoding.UTF8.GetString(text.Text));
    }

    [Fact]
    public void LongTextGrows()
    {
        var text = new TextBuilder();
        for (int i = 0; i < 10_000; i++)
        {
            text.Add("ä");
        }

        Assert.Equal(20_000, text.Length);
    }
}
