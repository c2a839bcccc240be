using System;
using System.Text;
using CosmosKernel.Machine.Devices;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class PlatformOptionsTests
{
    private static PlatformOptions Parse(string commandLine, string expectedMalformed = "")
    {
        PlatformOptions options = PlatformOptions.Parse(Encoding.UTF8.GetBytes(commandLine), out ReadOnlySpan<byte> malformed);
        Assert.Equal(expectedMalformed, Encoding.UTF8.GetString(malformed));
        return options;
    }

    [Fact]
    public void Without_options_everything_is_used()
    {
        PlatformOptions options = Parse("");
        Assert.Equal(255, options.MaximumCpus);
        Assert.False(options.NoAcpi || options.NoHpet || options.NoTscClock || options.NoX2Apic || options.NoApicTimer || options.NoTscDeadline);
        Assert.False(options.SpinLocksAreQueued || options.SpinLocksAreUnfair);
    }

    [Theory]
    [InlineData("maxcpus=3", 3)]
    [InlineData("maxcpus=0", 1)]
    [InlineData("nosmp", 1)]
    [InlineData("maxcpus=99999999999999999999", 255)]
    [InlineData("quiet   maxcpus=7 test=boot.*", 7)]
    [InlineData("xmaxcpus=7 nosmpx", 255)]
    public void Cpus_are_limited(string commandLine, int expected)
    {
        Assert.Equal(expected, Parse(commandLine).MaximumCpus);
    }

    [Theory]
    [InlineData("maxcpus=")]
    [InlineData("maxcpus=-1")]
    [InlineData("maxcpus=2x")]
    [InlineData("acpi=maybe")]
    [InlineData("hpet=")]
    [InlineData("tsc=good")]
    [InlineData("clocksource=sundial")]
    [InlineData("lapic=x")]
    [InlineData("spinlocks=ticket")]
    public void A_value_without_meaning_is_named_and_changes_nothing(string option)
    {
        PlatformOptions options = Parse("quiet " + option + " loglevel=3", option);
        Assert.Equal(255, options.MaximumCpus);
        Assert.False(options.NoAcpi || options.NoHpet || options.NoTscClock || options.TscIsReliable || options.NoTscDeadline);
    }

    [Fact]
    public void Each_switch_sets_its_field()
    {
        Assert.True(Parse("acpi=off").NoAcpi);
        Assert.True(Parse("hpet=disable").NoHpet);
        Assert.True(Parse("nox2apic").NoX2Apic);
        Assert.True(Parse("noapictimer").NoApicTimer);
        Assert.True(Parse("lapic=notscdeadline").NoTscDeadline);
        Assert.True(Parse("tsc=reliable").TscIsReliable);
        Assert.True(Parse("tsc=unstable").NoTscClock);
        Assert.True(Parse("clocksource=hpet").NoTscClock);
        Assert.True(Parse("clocksource=acpi_pm").ClockIsPmTimer);
        Assert.True(Parse("clocksource=tsc").TscIsReliable);
        Assert.True(Parse("spinlocks=queued").SpinLocksAreQueued);
        Assert.False(Parse("spinlocks=queued").SpinLocksAreUnfair);
        Assert.True(Parse("spinlocks=unfair").SpinLocksAreUnfair);
        Assert.False(Parse("spinlocks=unfair").SpinLocksAreQueued);
    }
}
