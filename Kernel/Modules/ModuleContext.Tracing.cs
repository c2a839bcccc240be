using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Tracing;

namespace CosmosKernel.Modules;

/// <content>Tracepoints.</content>
public sealed partial class ModuleContext
{
    /// <summary>Adds a tracepoint, which /sys/kernel/tracing shows and switches: off at first. Its group is the module's name with '_' for '-'.</summary>
    /// <param name="name">A C identifier.</param>
    /// <param name="fields">At most four numbers, and one text, in the order in which they are shown.</param>
    /// <exception cref="System.ArgumentException">A name is none, or there are too many fields.</exception>
    /// <exception cref="System.InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public Tracepoint AddTracepoint(string name, params TraceField[] fields)
    {
        Tracepoint point = Tracepoints.Add(ModuleName.Replace('-', '_'), name, [.. fields]);
        Own(new OwnedThing(point, () => Tracepoints.Remove(point)));
        return point;
    }
}
