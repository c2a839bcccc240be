using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Runtime.Modules;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// Runs a module's entry, start and stop, and what handles its static fields, each in a task of its own: afterwards no stack but one that is gone has seen the module, so that the collector finds no word of it that nobody reads any more.
/// The caller holds the loader's mutex and waits, which is what guards the fields; not even a signal that kills it ends its wait, since what the task works on is the caller's to free.
/// </summary>
[Protocol("Written by the task that runs the module's code, read by the one that has started it and joined it.")]
internal sealed class ModuleRun
{
    private ModuleEntry? _entry;
    private ModuleLoadException? _refusal;

    private ModuleRun()
    {
    }

    /// <summary>Makes a module known to the runtime: <see cref="ModuleImage.TryRegister"/>.</summary>
    [MightSleep]
    public static ModuleImage? Register(CodeImage code, ulong header, ulong entry, out string problem)
    {
        ModuleImage? image = null;
        string text = "";
        KernelTask.Start("module start", () =>
        {
            try
            {
                image = ModuleImage.TryRegister(code, header, entry, out text);
            }
            catch (OutOfMemoryException)
            {
                text = "memory ran out";
            }
        }).JoinUninterruptible();
        problem = text;
        return image;
    }

    /// <summary>Begins to look whether anything refers to a module: <see cref="ModuleImage.BeginUnload"/>.</summary>
    [MightSleep]
    public static void BeginUnload(ModuleImage image) => KernelTask.Start("module stop", image.BeginUnload).JoinUninterruptible();

    /// <summary>Calls the entry, registers what it gives, sets the parameters and starts the module.</summary>
    /// <param name="image">The module's image.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="entry">What the module's entry gave; null when it did not get that far.</param>
    /// <returns>Why the module cannot run; null when it does.</returns>
    [MightSleep]
    public static ModuleLoadException? Start(ModuleImage image, string parameters, out ModuleEntry? entry)
    {
        var run = new ModuleRun();
        KernelTask.Start("module start", () => run.Begin(image, parameters)).JoinUninterruptible();
        entry = run._entry;
        return run._refusal;
    }

    /// <summary>Stops a module.</summary>
    /// <returns>Why it cannot be stopped now; null when it was.</returns>
    [MightSleep]
    public static string? Stop(ModuleEntry entry)
    {
        string? use = null;
        KernelTask.Start("module stop", () =>
        {
            try
            {
                ModuleRegistry.Stop(entry);
            }
            catch (InvalidOperationException refusal)
            {
                use = refusal.Message;
            }
        }).JoinUninterruptible();
        return use;
    }

    [MightSleep]
    private void Begin(ModuleImage image, string parameters)
    {
        try
        {
            image.RunInitializers();
            if (image.CallEntry() is not ModuleEntry entry)
            {
                _refusal = ModuleLoadException.Format("its entry gives no module");
                return;
            }

            _entry = entry;
            ModuleRegistry.Add(entry);
            SetParameters(entry, parameters);
            if (_refusal is null && !ModuleRegistry.Start(entry))
            {
                _refusal = new ModuleLoadException(ModuleLoadError.Failed, $"its start failed: {entry.Failure}");
            }
        }
        catch (Exception failure)
        {
            _refusal = new ModuleLoadException(ModuleLoadError.Failed, $"its entry threw {failure}");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetParameters(ModuleEntry entry, string parameters)
    {
        foreach ((string name, string? value) in ParameterLine.Split(parameters))
        {
            ModuleParameter? parameter = null;
            foreach (ModuleParameter candidate in entry.Parameters)
            {
                parameter = ModuleInformation.Normalize(candidate.Name) == ModuleInformation.Normalize(name) ? candidate : parameter;
            }

            if (parameter is null)
            {
                // As Linux does: an old module's option must not keep a system from starting.
                KernelLog.Warning($"{entry.Name}: unknown parameter '{name}' ignored");
            }
            else if (parameter.Set(value ?? "") is string problem)
            {
                _refusal = new ModuleLoadException(ModuleLoadError.Invalid, $"parameter {name}={value}: {problem}");
                return;
            }
        }
    }
}
