using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>Who waits for lines of the kernel log: readers of /dev/kmsg, and syslog(2).</summary>
public static class LogReaders
{
    /// <summary>Woken for each line.</summary>
    internal static PollQueue Queue { get; } = new("kernel log");

    /// <summary>Waits until a line was written. Task context.</summary>
    /// <param name="number">How many there have been; line numbers begin with 0.</param>
    /// <returns>False: a signal came first.</returns>
    [MightSleep]
    public static bool WaitForLine(long number)
    {
        using WaitQueue.Wait wait = Queue.Begin();
        while (true)
        {
            wait.Prepare();
            if (KernelLog.Written > number)
            {
                return true;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }
}
