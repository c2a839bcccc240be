using CosmosKernel.Machine.Smp;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class CpuSetTests
{
    [Fact]
    public void Each_of_256_cpus_has_a_place_of_its_own()
    {
        for (int cpu = 0; cpu < 256; cpu++)
        {
            CpuSet set = default;
            set.Add(cpu);
            for (int other = 0; other < 256; other++)
            {
                Assert.Equal(other == cpu, set.Contains(other));
            }

            Assert.Equal(1, set.Count);
            set.Remove(cpu);
            Assert.Equal(0, set.Count);
        }
    }

    [Fact]
    public void All_holds_every_cpu()
    {
        CpuSet all = CpuSet.All;
        Assert.Equal(256, all.Count);
        all.Remove(200);
        Assert.False(all.Contains(200));
        Assert.Equal(255, all.Count);
    }
}
