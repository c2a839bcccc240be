using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Image;

/// <summary>Names tasks in a panic's report: name, pid, state.</summary>
internal sealed class TaskPanic : ThreadDescriber
{
    /// <summary>Makes panics name tasks.</summary>
    [BeforePublication]
    public static void Install() => Panic.Describer = new TaskPanic();

    /// <inheritdoc/>
    public override void Describe(object owner)
    {
        if (owner is not TaskStruct task)
        {
            return;
        }

        foreach (char c in task.Name)
        {
            EarlyConsole.Write([c < 128 ? (byte)c : (byte)'?']);
        }

        EarlyConsole.Write("["u8);
        EarlyConsole.WriteDecimal((ulong)task.Pid);
        EarlyConsole.Write("]"u8);
    }
}
