using System;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;

namespace CosmosKernel.Modules;

/// <summary>
/// Exceptions that leave a module's code where nobody catches them: they are reported with the module's name and the stack, counted, and the kernel goes on. What the caller of the code gets, each kind
/// of callback says (docs/modules.md, "When a module throws").
/// </summary>
public static class ModuleFaults
{
    /// <summary>Reports one. Task context; throws nothing.</summary>
    /// <param name="module">Whose code it is.</param>
    /// <param name="place">What ran, such as <c>read of /dev/null</c>.</param>
    /// <param name="exception">What it threw.</param>
    [MightSleep]
    public static void Report(ModuleEntry module, string place, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(module);
        module.CountFault();
        try
        {
            KernelLog.Error($"module {module.Name} {module.Version}: exception in {place}: {exception}");
        }
        catch (Exception)
        {
            EarlyConsole.WriteLine("An exception left a module's code, and reporting it failed"u8);
        }
    }

    /// <summary>The module that owns something; null for nobody. Task context.</summary>
    [MightSleep]
    public static ModuleEntry? OwnerOf(object thing)
    {
        foreach (ModuleEntry entry in ModuleRegistry.Modules)
        {
            if (entry.Owner is { } context && context.Owns(thing))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>The module whose code is nearest to where an exception was thrown; null when none is on its way. Task context.</summary>
    [MightSleep]
    public static ModuleEntry? OwnerOf(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        foreach (ReadOnlySpan<char> line in (exception.StackTrace ?? "").AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> method = line.TrimStart();
            if (method.StartsWith("at ") && FindByMethod(method[3..]) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>From here on, tasks that an exception ends are reported with their module. Once, at boot.</summary>
    [BeforePublication]
    public static void Install() => TaskFaultReporter.Instance = new Reporter(TaskFaultReporter.Instance);

    [MightSleep]
    private static ModuleEntry? FindByMethod(ReadOnlySpan<char> method)
    {
        ModuleEntry? found = null;
        int longest = 0;
        foreach (ModuleEntry entry in ModuleRegistry.Modules)
        {
            foreach (string name in entry.Namespaces)
            {
                if (name.Length > longest && method.Length > name.Length && method[name.Length] == '.' && method.StartsWith(name))
                {
                    found = entry;
                    longest = name.Length;
                }
            }
        }

        return found;
    }

    private sealed class Reporter(TaskFaultReporter? next) : TaskFaultReporter
    {
        [MightSleep]
        public override void Report(TaskStruct task, Exception exception)
        {
            if (exception is not OutOfMemoryException && (OwnerOf(task) ?? OwnerOf(exception)) is { } module)
            {
                ModuleFaults.Report(module, $"task '{task.Name}', which ends", exception);
            }
            else
            {
                next?.Report(task, exception);
            }
        }
    }
}
