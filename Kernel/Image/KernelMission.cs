using CosmosKernel.Machine.Power;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Image;

/// <summary>What the kernel does once it is up: the tests that <c>test=</c> names, or the console.</summary>
internal static class KernelMission
{
    /// <summary>Does it. Task context; does not return.</summary>
    public static void Run()
    {
        if (KernelOptions.TryGet("test", out string globs))
        {
            KernelTask.Start(new TaskOptions { Name = "tests", StackBytes = 256 * 1024 }, () =>
            {
                TestRunner.Run(globs);
                PowerOff();
            }).Join();
        }

        while (true)
        {
            KernelTask.SleepUntil(Scheduler.Never);
        }
    }

    /// <summary>Announces the power-off, flushes the consoles and turns the machine off.</summary>
    public static void PowerOff()
    {
        KernelConsole.WriteProtocolLine("##poweroff");
        KernelConsole.Flush();
        MachinePower.PowerOff();
    }
}
