using System;

namespace CosmosKernel.Modules;

/// <summary>
/// A module: a driver, a service or a set of tests. The kernel makes one instance, sets its parameters, and calls <see cref="Start"/> once; <see cref="Stop"/> once at the
/// end, if <see cref="Start"/> succeeded. Everything registered through the <see cref="ModuleContext"/> is released after <see cref="Stop"/>, in reverse order,
/// also when <see cref="Start"/> throws: a module that fails leaves nothing behind.
/// </summary>
public abstract class KernelModule
{
    /// <summary>Brings the module up. Task context. An exception refuses the module; its message is logged.</summary>
    /// <param name="context">What the module may use, and the owner of all that it registers.</param>
    public abstract void Start(ModuleContext context);

    /// <summary>Takes the module down. Task context. What the context owns is released afterwards.</summary>
    public virtual void Stop()
    {
    }
}
