using System;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Virtio devices as programs and the machine's owner see them: random numbers, a console, a balloon; and the PCI bus in /sys and /proc.</summary>
public sealed class VirtioMachines(ITestOutputHelper output)
{
    // The end of the prompt of the shell in the initramfs.
    private const string Prompt = @"# (\e\[6n)?\z";

    [Theory]
    [InlineData("modern", ",disable-legacy=on", "1af41044")]
    [InlineData("legacy", ",disable-modern=on", "1af41005")]
    public async Task ProgramsUseTheHostsDevices(string name, string transport, string random)
    {
        string said = TestMachine.FileOf($"virtio-{name}-console", ".txt");
        File.Delete(said);
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            $"virtio-{name}",
            Machine(transport, said) with
            {
                Input = InputScript.Parse($$"""
                    timeout 120
                    expect {{Prompt}}
                    send cut -f2,18 /proc/bus/pci/devices; cat /sys/bus/pci/drivers/virtio_rng/0*/vendor; echo 'listed 'devices
                    expect {{random}}\tvirtio_rng
                    expect virtio_console
                    expect 0x1af4
                    expect listed devices
                    send head -c 300 /dev/hwrng | wc -c; head -c 4000 /dev/hwrng | gzip | wc -c | grep -q 40.. && echo 'it is 'random
                    expect 300
                    expect it is random
                    send stty -F /dev/hvc0 -opost; echo 'said to the host' > /dev/hvc0; echo 'it was 'said
                    expect it was said
                    monitor balloon 300
                    send until [ $(grep MemFree /proc/meminfo | tr -dc 0-9) -lt 300000 ]; do sleep 1; done; echo 'the balloon is 'large
                    expect the balloon is large
                    monitor balloon 512
                    send until [ $(grep MemFree /proc/meminfo | tr -dc 0-9) -gt 400000 ]; do sleep 1; done; echo 'the balloon is 'small
                    expect the balloon is small
                    send poweroff -f
                    """),
            },
            output);
        Assert.Equal("said to the host\n", (await File.ReadAllTextAsync(said)).Replace("\r", "", StringComparison.Ordinal));
    }

    /// <summary>The drivers inside of the kernel: each is stopped and started while it is used, and the balloon's memory comes back.</summary>
    [Theory]
    [InlineData("modern", ",disable-legacy=on", 4)]
    [InlineData("legacy", ",disable-modern=on", 2)]
    public Task DriversStopAndStartUnderLoad(string name, string transport, int cpus) => TestMachine.RunTestsAsync(
        $"virtio-{name}-drivers",
        Machine(transport, TestMachine.FileOf($"virtio-{name}-drivers-console", ".txt")) with
        {
            Iso = null,
            Kernel = TestMachine.TestKernel,
            Append = "test=driver.virtio*,driver.*_unloaded_* virtio_balloon.test=1 video=1024x768",
            Cpus = cpus,
            MemoryMiB = 1024,
            Input = InputScript.Parse("""
                timeout 200
                expect balloon: inflate now
                monitor balloon 700
                """),
        },
        output);

    /// <summary>Before a process dies for want of memory, the balloon gives back what it takes: the reserve is raised to much more than what is free, so one piece of the balloon is not enough.</summary>
    [Fact]
    public Task TheBalloonIsEmptiedBeforeAProcessDies() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "virtio-balloon-shortage",
        new MachineOptions
        {
            Iso = TestMachine.Iso,
            Cpus = 2,
            MemoryMiB = 512,
            Timeout = TimeSpan.FromMinutes(5),
            Devices = ["virtio-balloon-pci,deflate-on-oom=on"],
            Input = InputScript.Parse($$"""
                timeout 120
                expect {{Prompt}}
                monitor balloon 100
                send until [ $(grep MemFree /proc/meminfo | tr -dc 0-9) -lt 90000 ]; do sleep 1; done; echo 'the balloon is 'large
                expect the balloon is large
                send echo 120000 > /proc/sys/vm/min_free_kbytes; dd if=/dev/zero of=/dev/null bs=20M count=1 && echo 'memory was 'there; grep oom_kill /proc/vmstat
                expect memory was there
                expect oom_kill 0
                send poweroff -f
                """),
        },
        output);

    /// <summary>
    /// Two consoles that are each other's host: what is sent to one comes from the other. While nobody reads what comes to the first one, far more than its terminal and its device hold, writers to it go on;
    /// then all of it is read, and what nobody had open is for nobody. And random numbers of a host that never gives any: a reader can be killed.
    /// </summary>
    [Fact]
    public async Task ASilentHostAndAReaderThatDoesNotReadHoldNobodyUp()
    {
        string socket = TestMachine.FileOf("virtio-crossed", ".sock");
        File.Delete(socket);
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "virtio-crossed",
            new MachineOptions
            {
                Iso = TestMachine.Iso,
                Cpus = 2,
                MemoryMiB = 512,
                Timeout = TimeSpan.FromMinutes(5),
                Objects = ["rng-egd,id=random,chardev=silent"],
                CharacterDevices = [$"socket,id=one,path={socket},server=on,wait=off", $"socket,id=two,path={socket}", "null,id=silent"],
                Devices =
                [
                    "virtio-serial-pci,id=first",
                    "virtconsole,bus=first.0,chardev=one",
                    "virtio-serial-pci,id=second",
                    "virtconsole,bus=second.0,chardev=two",
                    "virtio-rng-pci,rng=random",
                ],
                Input = InputScript.Parse($$"""
                    timeout 60
                    expect {{Prompt}}
                    send exec 3<>/dev/hvc0 4<>/dev/hvc1; stty -F /dev/hvc0 raw -echo; stty -F /dev/hvc1 raw -echo; echo 'both are 'open
                    expect both are open
                    send head -c 40000 /dev/zero >&4 & sleep 2; echo 'nobody 'reads
                    expect nobody reads
                    send head -c 60000 /dev/zero >&3 & [ $(head -c 60000 <&4 | wc -c) = 60000 ] && echo 'writers 'wrote
                    expect writers wrote
                    send [ $(head -c 40000 <&3 | wc -c) = 40000 ] && wait && echo 'all was 'read
                    expect all was read
                    # Nobody has it open until both devices have had their interrupts.
                    send exec 3>&-; old=$(grep console-all /proc/interrupts); echo stale >&4; i=0; while grep -qF "$old" /proc/interrupts && [ $((i += 1)) -lt 60 ]; do sleep 1; done; sleep 1; echo 'it has 'come
                    expect it has come
                    send exec 3<>/dev/hvc0; stty -F /dev/hvc0 raw -echo; echo fresh >&4; head -c 5 <&3; echo ' is what 'came
                    expect fresh is what came
                    send head -c 1 /dev/hwrng & sleep 1; kill -9 $!; wait $!; echo "ended with $?"
                    expect ended with 137
                    send poweroff -f
                    """),
            },
            output);
    }

    private static MachineOptions Machine(string transport, string consoleFile) => new()
    {
        Iso = TestMachine.Iso,
        Cpus = 2,
        MemoryMiB = 512,
        Timeout = TimeSpan.FromMinutes(5),
        Objects = ["rng-random,id=random,filename=/dev/urandom"],
        CharacterDevices = [$"file,id=console,path={consoleFile}", "null,id=line"],
        Devices =
        [
            $"virtio-balloon-pci{transport}",
            $"virtio-rng-pci,rng=random{transport}",
            $"virtio-serial-pci{transport}",
            "virtconsole,chardev=console",
            "isa-serial,chardev=line,index=1",
        ],
    };
}
