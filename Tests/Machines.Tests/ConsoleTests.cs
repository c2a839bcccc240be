using System;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>The image that users boot, without its initramfs: the kernel's own console comes up, obeys, and is seen on the screen.</summary>
public sealed class ConsoleTests(ITestOutputHelper output)
{
    /// <summary>A prompt at the end of the output.</summary>
    private const string Prompt = @"> \z";

    [Theory]
    [InlineData(FirmwareKind.Bios, MachineType.Q35, 4)]
    [InlineData(FirmwareKind.Bios, MachineType.Pc, 1)]
    [InlineData(FirmwareKind.Uefi, MachineType.Q35, 2)]
    public async Task TheConsoleObeysAndSwitchesOff(FirmwareKind firmware, MachineType machine, int cpus)
    {
        string name = $"console-{firmware}-{machine}-{cpus}".ToLowerInvariant();
        string screen = TestMachine.FileOf(name, ".ppm");
        File.Delete(screen);
        string script = $"""
            timeout 120
            expect {Prompt}
            send help
            expect poweroff
            expect {Prompt}
            send ps
            expect (?i)cpu
            expect {Prompt}
            send mem
            expect \d
            expect {Prompt}
            send cpus
            expect \b{cpus - 1}\b
            expect {Prompt}
            screenshot {screen}
            send poweroff
            """;
        await TestMachine.ExpectAsync(Verdict.PoweredOff, name, Machine(script) with { Firmware = firmware, Machine = machine, Cpus = cpus }, output);
        Screen picture = Screen.Load(screen);
        Assert.True(picture.CountInk() > 2000, $"the screen shows (nearly) nothing: {picture.CountInk()} pixels differ from the background, {screen}");
    }

    [Fact]
    public Task TheKeyboardTypes() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "console-keyboard",
        Machine($"""
            timeout 120
            expect {Prompt}
            key p
            expect p\z
            key o
            expect o\z
            key w
            expect w\z
            key e
            expect e\z
            key r
            expect r\z
            key o
            expect o\z
            key f
            expect f\z
            key f
            expect f\z
            key ret
            """),
        output);

    [Fact]
    public Task RebootIsAnnouncedAndResets() => TestMachine.ExpectAsync(
        Verdict.Rebooted, "console-reboot", Machine($"timeout 120\nexpect {Prompt}\nsend reboot"), output);

    [Fact]
    public Task TheConsoleComesUpWithoutABootLoader() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "console-direct",
        Machine($"timeout 120\nexpect {Prompt}\nsend poweroff") with { Iso = null, Kernel = TestMachine.Kernel },
        output);

    private static MachineOptions Machine(string script) => new()
    {
        Iso = TestMachine.Iso,
        Append = "noinitrd",
        Cpus = 2,
        Timeout = TimeSpan.FromMinutes(5),
        Input = InputScript.Parse(script),
    };
}
