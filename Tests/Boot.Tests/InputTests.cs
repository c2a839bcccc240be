using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Input scripts: how they are read, and what they do to a machine.</summary>
public sealed class InputTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void EachCommandIsRead()
    {
        InputScript script = InputScript.Parse(
            "# comment\r\n\r\nexpect a+$\ntimeout 2.5\nsend x y\ntype \\e[A\\x7f\\\\\nkey ctrl-alt-delete\nwait 20\nscreenshot a/b.png\npower-button\nnmi\nquit\n");
        Assert.Equal(10, script.Commands.Count);
        Assert.Equal(3, script.Commands[0].Line);
        Assert.Equal(TimeSpan.FromSeconds(2.5), Assert.IsType<InputCommand.SetTimeout>(script.Commands[1]).Duration);
        Assert.Equal("x y\r"u8.ToArray(), Assert.IsType<InputCommand.Send>(script.Commands[2]).Bytes);
        Assert.Equal([0x1B, (byte)'[', (byte)'A', 0x7F, (byte)'\\'], Assert.IsType<InputCommand.Send>(script.Commands[3]).Bytes);
        Assert.Equal(["ctrl", "alt", "delete"], Assert.IsType<InputCommand.Key>(script.Commands[4]).Names);
        Assert.Equal("a/b.png", Assert.IsType<InputCommand.Screenshot>(script.Commands[6]).Path);
        Assert.True(script.NeedsQemu);
    }

    [Theory]
    [InlineData("expext a", "'expext' is none of")]
    [InlineData("expect", "empty")]
    [InlineData("expect (", "Not enough )")]
    [InlineData("wait soon", "no duration")]
    [InlineData("type \\q", "after \\")]
    [InlineData("type \\x1", "after \\")]
    [InlineData("key", "needs a name")]
    [InlineData("screenshot a.jpg", "neither in .png")]
    public void ABadLineIsNamed(string line, string message)
    {
        UsageException error = Assert.Throws<UsageException>(() => InputScript.Parse("wait 1\n" + line, "f.txt"));
        Assert.StartsWith("f.txt:2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADialogueGoesInOrder()
    {
        MachineOptions options = _machine.Options("out login: ", "read", "out ready> ", "read", Run.PowerOff, Run.Shutdown) with
        {
            Input = InputScript.Parse("expect login: $\nsend root\nexpect root\nexpect ready> $\nsend off"),
        };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
        Assert.Contains("ready> off", result.LastLines);
    }

    [Fact]
    public async Task OutputThatOneExpectUsedIsGoneForTheNext()
    {
        MachineOptions options = _machine.Options(@"out ready\n", "hang") with
        {
            Input = InputScript.Parse("expect ready\ntimeout 0.3\nexpect ready"),
        };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Contains("line 3: expected /ready/, but it did not come within 0.3 s", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpectThatIsOpenWhenTheMachineEndsIsMissing()
    {
        MachineOptions options = _machine.Options(Run.PowerOff, Run.Shutdown) with { Input = InputScript.Parse("expect never") };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Contains("line 1: expected /never/, but the machine ended", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheMachineSaidLastCountsThoughItHasEnded()
    {
        MachineOptions options = _machine.Options(@"out up\nlast words\n", Run.PowerOff, Run.Shutdown) with { Input = InputScript.Parse("expect up\nwait 20000\nexpect last words") };
        Assert.Equal(Verdict.PoweredOff, (await Machine.BootAsync(options)).Verdict);
        BootResult result = await Machine.BootAsync(options with { Input = InputScript.Parse("expect up\nwait 20000\nexpect last words\nsend more") });
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Contains("line 4: has still to do 'Send', but the machine ended", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuitEndsTheBootWithSuccess()
    {
        MachineOptions options = _machine.Options(@"out up\n", "hang") with { Input = InputScript.Parse("expect up\nquit") };
        Assert.Equal(Verdict.UntilSeen, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public async Task KeysTheButtonAndTheInterruptReachTheMonitor()
    {
        MachineOptions options = _machine.Options("hang") with
        {
            Input = InputScript.Parse("key shift-a\nexpect send-key.*qcode.*shift.*qcode.*\"a\"\npower-button\nexpect system_powerdown\nnmi\nexpect inject-nmi\nquit"),
        };
        Assert.Equal(Verdict.UntilSeen, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public async Task ACommandThatTheMonitorRefusesIsNamed()
    {
        MachineOptions options = _machine.Options("hang") with
        {
            Input = InputScript.Parse($"screenshot {Path.Combine(_machine.Folder, "a.png")}"),
        };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Contains("there is no screen", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void BochsCannotPressKeys()
    {
        MachineOptions options = _machine.BochsOptions() with { Input = InputScript.Parse("key a") };
        Assert.Contains("only QEMU", Assert.Throws<UsageException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNotThereIsBadUsage() =>
        Assert.Throws<UsageException>(() => InputScript.Load(Path.Combine(_machine.Folder, "none.txt")));
}
