using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;

namespace SafeNamespace.Tests;

/// <summary>Boots the kernel with the module in QEMU.</summary>
public sealed class BootTests
{
    /// <summary>The tests that are in the module itself pass.</summary>
    [Fact]
    public async Task ItsKernelTestsPass()
    {
        BootResult result = await TestKernel.RunTestsAsync("module-id.*", "module-id.period=5");
        Assert.True(result.Verdict == Verdict.PoweredOff, result.Explain());
        Assert.Equal(1, result.Count(TestOutcome.Passed));
    }

    /// <summary>A boot option reaches the module, which says so in the log.</summary>
    [Fact]
    public async Task ItTakesItsOption()
    {
        BootResult result = await TestKernel.BootAsync("module-id.period=25", until: "one beat every 25 ms");
        Assert.True(result.Verdict == Verdict.UntilSeen, result.Explain());
    }
}
