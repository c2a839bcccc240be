using System;
using CosmosKernel.Console;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Image;

/// <summary>What the kernel does once it is up: the tests that <c>test=</c> names, else the image's own program, if there is one, then user space, if there is an initramfs, or else the console.</summary>
internal static class KernelMission
{
    // Of a program that a user wrote, with call chains that nobody measured.
    private const int ProgramStackBytes = 1024 * 1024;

    /// <summary>Does it. Task context; does not return.</summary>
    /// <param name="program">The image's own program, or null.</param>
    [BeforePublication]
    [MightSleep]
    public static void Run(Action? program)
    {
        if (program is not null || !UserSpace.IsWanted || KernelOptions.Has("test"))
        {
            RootTree.MakeTemporaryDirectory();
        }

        if (program is not null)
        {
            RootTree.MountDevices();
        }

        if (KernelOptions.TryGet("test", out string globs))
        {
            KernelTask.Start(new TaskOptions { Name = "tests", StackBytes = 256 * 1024 }, () =>
            {
                TestRunner.Run(globs);
                SystemPower.PowerOff();
            }).Join();
        }

        if (program is not null)
        {
            KernelTask.Start(new TaskOptions { Name = "program", StackBytes = ProgramStackBytes }, program).Join();
            KernelLog.Info("the program has ended; what it started goes on, and the console takes over");
        }

        if (program is null && UserSpace.IsWanted)
        {
            UserSpace.Start();
        }
        else
        {
            KernelShell.Start();
        }

        while (true)
        {
            KernelTask.SleepUntil(Scheduler.Never);
        }
    }
}
