using System.Runtime.CompilerServices;

namespace CosmosKernel.Tasks;

/// <summary>
/// What a task is doing. The letters are those of <c>ps</c> on Linux.
/// A runnable task is running when it is on a CPU (<see cref="TaskStruct.IsOnCpu"/>), and waits in a run queue otherwise.
/// </summary>
public enum TaskState
{
    /// <summary>Made, not started: in no queue.</summary>
    New = 0,

    /// <summary>R: runs, or waits for a CPU in a run queue.</summary>
    Runnable = 1,

    /// <summary>S: sleeps until it is woken; kill and interrupt wake it.</summary>
    Interruptible = 2,

    /// <summary>D: sleeps until it is woken; nothing else ends the sleep.</summary>
    Uninterruptible = 3,

    /// <summary>Z: has ended; its status waits to be collected.</summary>
    Zombie = 4,

    /// <summary>X: its stack and pid are released.</summary>
    Dead = 5,

    /// <summary>D, as on Linux: sleeps until it is woken; a kill wakes it, an interrupt does not.</summary>
    Killable = 6,
}

/// <summary>The table of allowed transitions, and names.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>New to Runnable</term><description>started, by its creator</description></item>
/// <item><term>New to Dead</term><description>never started and given up, by its creator</description></item>
/// <item><term>Runnable to Interruptible, Killable, Uninterruptible</term><description>prepares to sleep, by itself</description></item>
/// <item><term>Interruptible, Killable, Uninterruptible to Runnable</term><description>woken, by anyone under its wake lock, or itself when it need not sleep</description></item>
/// <item><term>Runnable to Zombie</term><description>exits, by itself</description></item>
/// <item><term>Zombie to Dead</term><description>collected, by who joined it or by the reaper</description></item>
/// </list>
/// A state may be set again to itself.
/// </remarks>
public static class TaskStates
{
    // Bit 8 * from + to; one byte a state, from New at the low end.
    private const ulong Allowed =
        0b_0010_0011ul
        | (0b_0101_1110ul << 8)
        | (0b_0000_0110ul << 16)
        | (0b_0000_1010ul << 24)
        | (0b_0011_0000ul << 32)
        | (0b_0010_0000ul << 40)
        | (0b_0100_0010ul << 48);

    /// <summary>True when a task may go from one state to the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAllowed(TaskState from, TaskState to) => ((Allowed >> (((int)from << 3) + (int)to)) & 1) != 0;

    /// <summary>The letter that <c>ps</c> shows.</summary>
    public static char Letter(this TaskState state) => state switch
    {
        TaskState.New => 'N',
        TaskState.Runnable => 'R',
        TaskState.Interruptible => 'S',
        TaskState.Uninterruptible or TaskState.Killable => 'D',
        TaskState.Zombie => 'Z',
        _ => 'X',
    };
}
