using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Processes;
using CosmosKernel.Processes.ProcFs;
using CosmosKernel.Syscalls;

namespace CosmosKernel.Image;

/// <summary>Starts user space: devices, system calls, and the first process (docs/initramfs.md).</summary>
internal static class UserSpace
{
    /// <summary>There is an initramfs to start it from.</summary>
    public static bool IsWanted => RootTree.HasArchive;

    /// <summary>Starts it; returns when the first process runs. Boot task, once.</summary>
    [MightSleep]
    [BeforePublication]
    public static void Start()
    {
        ConsoleTerminal.Start();
        DeviceStart.Start();
        ProcStart.Start();
        VdsoPages.Initialize();
        ProcessStart.Initialize();
        SystemCallTable.Install();
        StartInit(RootTree.NewContext());
    }

    // As Linux: rdinit=, or /init; without it init=, then the usual places.
    [MightSleep]
    private static void StartInit(FileSystemContext context)
    {
        List<string> arguments = [];
        List<string> environment = ["HOME=/", "TERM=linux"];
        KernelOptions.GetInitWords(arguments, environment);
        string program = KernelOptions.TryGet("rdinit", out string given) ? given : "/init";
        if (TryStart(context, program, arguments, environment, isRequired: false))
        {
            return;
        }

        if (KernelOptions.TryGet("init", out string wanted) && TryStart(context, wanted, arguments, environment, isRequired: true))
        {
            return;
        }

        foreach (string usual in (string[])["/sbin/init", "/etc/init", "/bin/init", "/bin/sh"])
        {
            if (TryStart(context, usual, arguments, environment, isRequired: false))
            {
                return;
            }
        }

        Panic.Now("No working init was found: give one with rdinit= or init=, or boot with noinitrd for the kernel's console"u8);
    }

    [MightSleep]
    private static bool TryStart(FileSystemContext context, string program, List<string> arguments, List<string> environment, bool isRequired)
    {
        List<byte[]> words = [Encoding.UTF8.GetBytes(program)];
        foreach (string argument in arguments)
        {
            words.Add(Encoding.UTF8.GetBytes(argument));
        }

        List<byte[]> variables = [];
        foreach (string variable in environment)
        {
            variables.Add(Encoding.UTF8.GetBytes(variable));
        }

        KernelLog.Info($"running {program} as the first process");
        Errno error = ProcessStart.StartInit(context, words[0], words, variables);
        if (error == Errno.Ok)
        {
            return true;
        }

        if (isRequired || error is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            KernelLog.Error($"{program} cannot be run as the first process: {error}");
        }

        return false;
    }
}
