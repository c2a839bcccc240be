using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Notifications;

namespace CosmosKernel.Modules;

/// <content>Events of the kernel.</content>
public sealed partial class ModuleContext
{
    /// <summary>Calls a handler at each event of a kind. An exception is reported with the module's name, and other handlers are called.</summary>
    /// <param name="chain">One of <see cref="KernelNotifiers"/>.</param>
    /// <param name="handler">Task context; may sleep.</param>
    /// <param name="priority">Those of higher priority are called first; of the same one, who came first.</param>
    /// <returns>Ends it when it is disposed of: the handler runs on no CPU then. Not from the handler itself.</returns>
    [MightSleep]
    public IDisposable AddNotifier<T>(NotifierChain<T> chain, Action<T> handler, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(handler);
        return Own(chain.Add(Module, handler, priority));
    }
}
