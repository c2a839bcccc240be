using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

/// <summary>
/// Something that a task holds and that tasks may share. The scheduler knows only that a task has it and when the task gives it up; the layers above derive from the classes below
/// and give it its contents.
/// </summary>
public abstract class TaskResource
{
    /// <summary>A task gives up its reference: it ends, or takes another one. Once for each task that holds it, in task context; may sleep.</summary>
    /// <param name="task">Who gives it up.</param>
    [MightSleep]
    public abstract void Release(TaskStruct task);
}

/// <summary>The mappings of user mode.</summary>
public abstract class TaskAddressSpace : TaskResource;

/// <summary>The table of open files.</summary>
public abstract class TaskFiles : TaskResource;

/// <summary>Handlers of signals, and signals that wait to be delivered.</summary>
public abstract class TaskSignals : TaskResource;

/// <summary>User and group ids, and capabilities.</summary>
public abstract class TaskCredentials : TaskResource;
