using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Time;

/// <summary>A timer that belongs to the task that makes it: when the task ends, it is cancelled, and its handler runs no more. Derive from it as from <see cref="KernelTimer"/>.</summary>
public abstract class TaskTimer : KernelTimer
{
    /// <summary>Makes a timer of the running task. Task context.</summary>
    protected TaskTimer()
    {
        Owner = TaskStruct.Current;
        NextOfOwner = Owner.FirstTimer;
        Owner.FirstTimer = this;
    }

    /// <summary>Whose timer it is.</summary>
    public TaskStruct Owner { get; }

    /// <summary>The next timer of the same task. For that task only.</summary>
    [Protocol("Links the timers of one task, which that task alone walks and changes.")]
    internal TaskTimer? NextOfOwner { get; set; }

    /// <summary>Gives the timer up before its task ends: cancels it, waits for a handler that runs, and forgets it. By its task only.</summary>
    /// <exception cref="InvalidOperationException">Another task calls this.</exception>
    public void Release()
    {
        if (!ReferenceEquals(TaskStruct.Current, Owner))
        {
            throw new InvalidOperationException("A task's timer is released by the task that made it.");
        }

        CancelAndWait();
        if (ReferenceEquals(Owner.FirstTimer, this))
        {
            Owner.FirstTimer = NextOfOwner;
        }
        else
        {
            for (TaskTimer? before = Owner.FirstTimer; before is not null; before = before.NextOfOwner)
            {
                if (ReferenceEquals(before.NextOfOwner, this))
                {
                    before.NextOfOwner = NextOfOwner;
                    break;
                }
            }
        }

        NextOfOwner = null;
    }
}
