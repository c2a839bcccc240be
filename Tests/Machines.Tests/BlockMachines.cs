using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Machines with disks: <c>Tests/Programs/block</c> on virtio disks, modern and legacy, and on the RAM disk with its faults.</summary>
public sealed class BlockMachines(ITestOutputHelper output)
{
    private const long DiskBytes = 16 << 20;

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "")]
    [InlineData(4, "")]
    [InlineData(4, "virtio.legacy=1")]
    [InlineData(2, "virtio.nomsix=1")]
    [InlineData(4, "virtio_blk.queues=1 virtio_blk.depth=2")]
    public async Task AVirtioDiskKeepsWhatIsWritten(int cpus, string options)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"block-virtio-{cpus}{options.Replace(' ', '-').Replace('=', '-')}");
        string image = TestMachine.FileOf(name, "img");
        using (FileStream stream = File.Create(image))
        {
            stream.SetLength(DiskBytes);
        }

        await TestMachine.RunTestsAsync(name, Describe(cpus, options) with { Disks = [image] }, output);
        File.Delete(image);
    }

    /// <summary>A GPT made by sfdisk, with the primary header and without: what the guest writes into the second partition is on the image where sfdisk says that it is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatIsWrittenToAPartitionIsThereOnTheHost(bool primaryIsBad)
    {
        const int Second = (1 + 2) << 20;
        string image = TestMachine.FileOf($"block-gpt-{primaryIsBad}", "img");
        using (FileStream stream = File.Create(image))
        {
            stream.SetLength(DiskBytes);
        }

        using (Process sfdisk = Process.Start(new ProcessStartInfo("sfdisk", ["-q", image]) { RedirectStandardInput = true })!)
        {
            await sfdisk.StandardInput.WriteAsync("label: gpt\nstart=2048, size=4096\nstart=6144, size=8192\n");
            sfdisk.StandardInput.Close();
            await sfdisk.WaitForExitAsync();
            Assert.Equal(0, sfdisk.ExitCode);
        }

        if (primaryIsBad)
        {
            using FileStream stream = File.OpenWrite(image);
            stream.Position = 512 + 60;
            stream.WriteByte(0xFF);
        }

        MachineOptions machine = Describe(2, "") with { Disks = [image], Append = "progs=block.a_partition_is_its_part_of_the_disk" };
        await TestMachine.RunTestsAsync($"block-gpt-{primaryIsBad}", machine, output);
        byte[] bytes = await File.ReadAllBytesAsync(image);
        for (int i = 0; i < 256 << 10; i++)
        {
            Assert.Equal((byte)((i * 7) + (i / 256)), bytes[Second + 4096 + i]);
        }

        File.Delete(image);
    }

    [Theory]
    [InlineData("ramdisk.count=1 ramdisk.size=4096")]
    [InlineData("ramdisk.count=1 ramdisk.size=4096 ramdisk.block=4096 ramdisk.queues=4 ramdisk.depth=1")]
    [InlineData("ramdisk.count=1 ramdisk.size=4096 ramdisk.delay=300 ramdisk.reorder=1")]
    public async Task ARamDiskKeepsWhatIsWritten(string options) =>
        await TestMachine.RunTestsAsync($"block-ram-{options.Length}", Describe(4, options), output);

    /// <summary>What fails at the device is what programs are told, by each call that has to do with it, and by no other.</summary>
    [Theory]
    [InlineData("bad_sector=1000")]
    [InlineData("read_errors=5 ramdisk.write_errors=7")]
    [InlineData("lost=6 ramdisk.timeout=10000 limit=100")]
    public async Task ErrorsOfARamDiskAreTold(string faults) =>
        await TestMachine.RunTestsAsync($"block-errors-{faults.Split('=')[0]}", DescribeFailing($"ramdisk.count=1 ramdisk.size=4096 ramdisk.{faults}"), output);

    /// <summary>The same with QEMU's own errors, of each transfer that has to do with a sector.</summary>
    [Fact]
    public async Task ErrorsOfAVirtioDiskAreTold()
    {
        string image = TestMachine.FileOf("block-errors-virtio", "img");
        using (FileStream stream = File.Create(image))
        {
            stream.SetLength(DiskBytes);
        }

        MachineOptions machine = DescribeFailing("ramdisk.bad_sector=1000") with
        {
            Drives = [$"id=bad,driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename={image},file.inject-error.0.event=none,file.inject-error.0.sector=1000,file.inject-error.0.errno=5"],
            Devices = ["virtio-blk-pci,drive=bad"],
        };
        await TestMachine.RunTestsAsync("block-errors-virtio", machine, output);
        File.Delete(image);
    }

    /// <summary>A disk that serves four reads a second: a process forks while one of its own is on its way.</summary>
    [Fact]
    public async Task ADirectReadArrivesInTheProcessThatAskedAlthoughItForks()
    {
        string image = TestMachine.FileOf("block-slow", "img");
        using (FileStream stream = File.Create(image))
        {
            stream.SetLength(DiskBytes);
        }

        MachineOptions machine = Describe(2, "") with
        {
            Append = "quiet progs=block.slow_* slow_reads=1",
            Drives = [$"id=slow,format=raw,file={image},throttling.iops-read=4"],
            Devices = ["virtio-blk-pci,drive=slow"],
        };
        await TestMachine.RunTestsAsync("block-slow", machine, output);
        File.Delete(image);
    }

    private static MachineOptions DescribeFailing(string options) => Describe(2, "") with { Append = $"quiet progs=block.error_* {options}" };

    private static MachineOptions Describe(int cpus, string options) => new()
    {
        Kernel = TestMachine.Kernel,
        Initrd = TestMachine.TestInitramfs,
        Append = $"quiet progs=block.* {options}",
        Cpus = cpus,
        MemoryMiB = 512,
        Timeout = TimeSpan.FromMinutes(10),
        TestTimeout = TimeSpan.FromMinutes(2),
    };
}
