using System;
using System.Collections.Generic;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Loading;

namespace CosmosKernel.Processes.KernelModules;

/// <summary>/proc/modules (proc(5)): the modules that were loaded at run time; and /proc/modules_unloading, those of which only memory is left (docs/module-loading.md). Task context.</summary>
internal static class ModuleReport
{
    /// <summary>Lines of name, bytes, uses, who uses it, state, address.</summary>
    [MightSleep]
    public static void Write(TextBuilder to) => Write(to, areGoing: false);

    /// <summary>The same of modules that were stopped, whose memory something still refers to.</summary>
    [MightSleep]
    public static void WriteUnloading(TextBuilder to) => Write(to, areGoing: true);

    /// <summary>How often a module is in use: by modules that need it (each of which that runs is one of its uses), and by what is open.</summary>
    [MightSleep]
    public static int UsesOf(LoadedModule module, List<LoadedModule> holders) => Math.Max(holders.Count, module.Entry?.Uses ?? 0);

    [MightSleep]
    private static void Write(TextBuilder to, bool areGoing)
    {
        foreach (LoadedModule module in ModuleLoader.Modules)
        {
            if (module.State == LoadedModuleState.Going != areGoing)
            {
                continue;
            }

            List<LoadedModule> holders = ModuleLoader.HoldersOf(module);
            to.Add(module.Name).Add(' ').Add((long)module.Length).Add(' ').Add((long)UsesOf(module, holders)).Add(' ');
            foreach (LoadedModule holder in holders)
            {
                to.Add(holder.Name).Add(',');
            }

            to.Add(holders.Count == 0 ? "- "u8 : " "u8);
            to.Add(module.State switch
            {
                LoadedModuleState.Coming => "Loading"u8,
                LoadedModuleState.Live => "Live"u8,
                _ => "Unloading"u8,
            });
            to.Add(" 0x"u8).AddHex(module.Address, 16).Line();
        }
    }
}
