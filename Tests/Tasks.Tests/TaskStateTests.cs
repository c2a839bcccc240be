using System.Linq;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class TaskStateTests
{
    [Fact]
    public void AllowsExactlyTheDocumentedTransitions()
    {
        (TaskState, TaskState)[] documented =
        [
            (TaskState.New, TaskState.Runnable),
            (TaskState.New, TaskState.Dead),
            (TaskState.Runnable, TaskState.Interruptible),
            (TaskState.Runnable, TaskState.Uninterruptible),
            (TaskState.Runnable, TaskState.Killable),
            (TaskState.Runnable, TaskState.Zombie),
            (TaskState.Interruptible, TaskState.Runnable),
            (TaskState.Uninterruptible, TaskState.Runnable),
            (TaskState.Killable, TaskState.Runnable),
            (TaskState.Zombie, TaskState.Dead),
        ];
        foreach (TaskState from in System.Enum.GetValues<TaskState>())
        {
            foreach (TaskState to in System.Enum.GetValues<TaskState>())
            {
                Assert.Equal(from == to || documented.Contains((from, to)), TaskStates.IsAllowed(from, to));
            }
        }
    }
}
