using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Log;
using CosmosKernel.Runtime.Modules;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// Releases the memory of modules that were stopped, once nothing refers to them any more: no object of their types is alive, no delegate to their code, no stack is in it. The collector finds that out
/// (<see cref="ModuleImage.Judge"/>). Until then the memory stays, so that whatever is left over runs on undamaged.
/// </summary>
internal static class ModuleReaper
{
    // A finalizer of a module's object takes a second collection; what a processor has in a register for a moment, a third.
    private const int TriesAtOnce = 4;
    private const int StackWords = 384;
    private const ulong PauseAtOnce = 2_000_000;
    private const ulong FirstPause = 250_000_000;
    private const ulong LongestPause = 30_000_000_000;

    // Those that something still refers to.
    [GuardedBy(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static readonly List<LoadedModule> s_left = [];

    [GuardedBy(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static bool s_isReaping;

    /// <summary>Releases a module that was stopped, or never started, now or later. Task context.</summary>
    [MightSleep]
    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    public static void Release(LoadedModule module)
    {
        module.State = LoadedModuleState.Going;
        s_left.Add(module);
        if (module.Image is { } image)
        {
            ModuleRun.BeginUnload(image);
        }

        var pause = new Completion("module reaper");
        for (int i = 0; i < TriesAtOnce; i++)
        {
            ForgetStack();
            Reap(module);
            if (!s_left.Contains(module))
            {
                return;
            }

            // Also in a task that is to end: what was begun here is brought to an end.
            _ = pause.Wait(Clock.MonotonicNanoseconds + PauseAtOnce);
        }

        KernelLog.Warning($"{module.Name}: stopped, but its memory stays: {Reason(module)}");
        if (!s_isReaping)
        {
            s_isReaping = true;
            KernelTask.Start("module reaper", ReapLeft);
        }
    }

    // What lies below the caller's frame: earlier calls of this task, which has loaded the module perhaps, may have left addresses in it where the frames of the calls to come have holes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetStack()
    {
        Span<ulong> below = stackalloc ulong[StackWords];
        below.Clear();
        _ = Volatile.Read(ref below[0]);
    }

    // Judges a module, and with it all that are left: what refers to each other only goes together. A module's types are built of those of the modules that it needs, so it goes before them.
    [MightSleep]
    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static void Reap(LoadedModule module)
    {
        _ = IsDead(module);
        for (int i = s_left.Count - 1; i >= 0; i--)
        {
            LoadedModule left = s_left[i];
            if (left.Image is { Fate: ModuleFate.Going } || IsNeeded(left) || !IsDead(left))
            {
                continue;
            }

            Free(left);
            s_left.RemoveAt(i);
            i = s_left.Count;
        }
    }

    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static bool IsNeeded(LoadedModule module)
    {
        foreach (LoadedModule other in s_left)
        {
            if (other.DoesNeed(module))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Names what still refers to a module.</summary>
    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static string Reason(LoadedModule module)
    {
        string holder = module.Image?.DescribeHolder() ?? "";
        uint count = module.Image?.References ?? 0;
        string place = module.Image?.Place switch
        {
            ModulePlace.Stack => StackOf(module.Image.Thread),
            null => "something",
            ModulePlace.Object => "an object",
            ModulePlace.Handle => "a handle",
            ModulePlace.NativeMemory => "memory outside of the heap",
            _ => "data of the kernel or of another module",
        };
        return count == 0
            ? $"{place} refers to it"
            : $"{place} refers to it, and {count} words in objects, the first of type {(holder.Length > 0 ? holder : "unknown")}";
    }

    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static string StackOf(ulong thread)
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (task.MachineThread.Id == thread)
            {
                return $"the stack of {task.Name}[{task.Pid}]";
            }
        }

        return thread == 0 ? "a register of a processor" : "the stack of an idle task, or of one that is gone,";
    }

    // On a stack of its own: on the caller's, the module's objects may still lie where nobody reads them any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static bool IsDead(LoadedModule module)
    {
        if (module.Image is not { } image)
        {
            return true;
        }

        if (image.Fate != ModuleFate.Dead)
        {
            KernelTask.Start("module reaper", image.Judge).JoinUninterruptible();
        }

        return image.Fate == ModuleFate.Dead;
    }

    [RequiresLock(typeof(ModuleLoader), nameof(ModuleLoader.Loading))]
    private static void Free(LoadedModule module)
    {
        if (module.Image is { } image)
        {
            CodeImages.Remove(image.Code);
            image.Unregister();
            module.Image = null;
        }

        module.Memory?.Free();
        module.Memory = null;
        ModuleLoader.Forget(module);
        KernelLog.Info($"{module.Name}: unloaded");
    }

    // Other collections may have decided meanwhile.
    private static void ReapLeft()
    {
        ulong pause = FirstPause;
        while (true)
        {
            KernelTask.Sleep(pause);
            pause = ulong.Min(pause * 2, LongestPause);
            using (ModuleLoader.Loading.Enter())
            {
                if (s_left.Count > 0)
                {
                    Reap(s_left[0]);
                }

                if (s_left.Count == 0)
                {
                    s_isReaping = false;
                    return;
                }
            }
        }
    }
}
