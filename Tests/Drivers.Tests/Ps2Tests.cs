using System;
using CosmosKernel.Drivers.Ps2;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>The PS/2 controller, well and broken.</summary>
public sealed class Ps2Tests
{
    [Fact]
    public void BothPortsAreFound()
    {
        var registers = new SimulatedController();
        var chip = new ControllerChip(registers);
        Assert.Null(chip.Initialize());
        Assert.True(chip.HasFirstPort && chip.HasSecondPort);
        Assert.True(chip.EnableInterrupts(on: true));
        Assert.Equal(0x43, registers.Configuration);
        Assert.True(chip.EnableInterrupts(on: false));
        Assert.Equal(0x40, registers.Configuration);
    }

    [Fact]
    public void AMissingSecondPortIsNotUsed()
    {
        var registers = new SimulatedController { HasSecondPort = false };
        var chip = new ControllerChip(registers);
        Assert.Null(chip.Initialize());
        Assert.True(chip.HasFirstPort);
        Assert.False(chip.HasSecondPort);
        Assert.True(chip.EnableInterrupts(on: true));
        Assert.Equal(0x61, registers.Configuration);
    }

    [Fact]
    public void ABrokenFirstPortLeavesTheMouse()
    {
        var registers = new SimulatedController { FirstPortResult = 1 };
        var chip = new ControllerChip(registers);
        Assert.Null(chip.Initialize());
        Assert.False(chip.HasFirstPort);
        Assert.True(chip.HasSecondPort);
        Assert.True(chip.EnableInterrupts(on: true));
        Assert.Equal(0x52, registers.Configuration);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "absent", "no PS/2 controller" },
        { "busy", "the PS/2 controller takes no command" },
        { "full", "the PS/2 controller always has another byte" },
        { "failed", "the PS/2 controller failed its self-test with 0xfc" },
        { "silent", "the PS/2 controller failed its self-test with 0xff" },
        { "forgetful", "the PS/2 controller does not keep its configuration" },
        { "ports", "both ports of the PS/2 controller failed their tests, the first with 0x2" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void WhatIsWrongIsNamed(string fault, string problem)
    {
        var registers = fault switch
        {
            "absent" => new SimulatedController { IsAbsent = true },
            "busy" => new SimulatedController { StuckStatus = 0x02 },
            "full" => new SimulatedController { StuckStatus = 0x01 },
            "failed" => new SimulatedController { SelfTestResult = 0xFC },
            "silent" => new SimulatedController { Silent = 0xAA },
            "forgetful" => new SimulatedController { LostConfiguration = 0x40 },
            _ => new SimulatedController { HasSecondPort = false, FirstPortResult = 2 },
        };
        Assert.Equal(problem, new ControllerChip(registers).Initialize());

        // A broken controller does not hold the machine up.
        Assert.InRange(registers.Now, 0ul, 2_000_000_000ul);
    }

    [Fact]
    public void BytesTellTheirPort()
    {
        var registers = new SimulatedController();
        var chip = new ControllerChip(registers);
        Assert.Null(chip.Initialize());
        Assert.False(chip.TryRead(out _));
        registers.Put(0x1E);
        registers.Put(0x08, isSecond: true);
        Assert.True(chip.TryRead(out PortByte first));
        Assert.Equal(new PortByte(0x1E, 0, false), first);
        Assert.True(chip.TryRead(out PortByte second));
        Assert.Equal(new PortByte(0x08, 1, false), second);
    }

    [Fact]
    public void BytesGoToTheirPort()
    {
        var registers = new SimulatedController();
        var chip = new ControllerChip(registers);
        Assert.Null(chip.Initialize());
        Assert.True(chip.Send(0, 0xED));
        Assert.True(chip.Send(1, 0xF4));
        Assert.Equal([(0, 0xED), (1, 0xF4)], registers.Sent);
    }

    [Fact]
    public void AnswersComeAfterTheLastAcknowledgement()
    {
        var answers = new CommandAnswers();
        byte[] got = new byte[2];
        Assert.False(answers.Take(0xFA));
        answers.Begin();
        answers.Sending(0);
        Assert.True(answers.Take(0xFA));
        Assert.Equal(Acknowledgement.Given, answers.State);
        Assert.False(answers.Take(0x1C));
        answers.Sending(2);
        Assert.False(answers.IsComplete);

        // Something that was on its way.
        Assert.False(answers.Take(0x08));
        Assert.True(answers.Take(0xFE));
        Assert.Equal(Acknowledgement.Again, answers.State);
        answers.Sending(2);
        Assert.True(answers.Take(0xFA));
        Assert.True(answers.Take(0xAA));
        Assert.False(answers.IsComplete);
        Assert.True(answers.Take(0x00));
        Assert.True(answers.IsComplete);
        Assert.False(answers.Take(0x08));
        answers.CopyTo(got);
        Assert.Equal([0xAA, 0x00], got);
        answers.End();
        Assert.False(answers.Take(0xFA));
    }

    [Fact]
    public void ARefusalIsNoAcknowledgement()
    {
        var answers = new CommandAnswers();
        answers.Begin();
        answers.Sending(1);
        Assert.True(answers.Take(0xFC));
        Assert.Equal(Acknowledgement.Refused, answers.State);
        Assert.False(answers.Take(0x12));
    }
}
