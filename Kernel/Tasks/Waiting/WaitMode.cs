namespace CosmosKernel.Tasks.Waiting;

/// <summary>What may end a wait before that which is waited for has come, the deadline apart. The values are the requests that end it, see <see cref="TaskStruct.Kill"/>.</summary>
public enum WaitMode
{
    /// <summary>Nothing. For waits that cannot be given up half-way; they must be short or certain to end.</summary>
    Uninterruptible = 0,

    /// <summary>A kill. For waits inside of work that cannot be begun anew, but whose result nobody needs if the task ends.</summary>
    Killable = 1,

    /// <summary>A kill or an interrupt. The rule for waits that may be long.</summary>
    Interruptible = 3,
}
