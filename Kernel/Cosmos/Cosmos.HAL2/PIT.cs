using CosmosKernel.Tasks;

namespace Cosmos.HAL;

/// <summary>Waiting, by the name of the chip that it took on old machines. The calling task sleeps and others run; the chip itself belongs to the kernel's clocks. Task context.</summary>
public class PIT
{
    private const ulong NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Sleeps for at least so many milliseconds.</summary>
    public void Wait(uint timeoutMs) => KernelTask.Sleep(timeoutMs * NanosecondsPerMillisecond);

    /// <summary>Sleeps for at least so many nanoseconds.</summary>
    public void WaitNS(ulong timeoutNs) => KernelTask.Sleep(timeoutNs);
}
