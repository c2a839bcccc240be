using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Samples.Lottery;
using CosmosKernel.Tasks;

namespace LoadableLottery;

/// <summary>The lottery class (docs/scheduling-class.md) from a module that is loaded: its methods run on each CPU's way from one task to the next until the module goes.</summary>
[Module("lottery_load", Description = "lottery scheduling, loaded", License = "MIT", Author = "CosmosKernel")]
public sealed class LotteryLoadModule : KernelModule
{
    /// <summary>Tasks of the module's own.</summary>
    [ModuleParameter("tasks that take part", Minimum = 0, Maximum = 100)]
    public int Tasks { get; set; } = 6;

    /// <summary>Its place among the classes: before the fair class, so that busy programs do not keep its tasks from running, or behind it.</summary>
    [ModuleParameter("rank of the class", Minimum = 1, Maximum = 30)]
    public int Rank { get; set; } = 12;

    /// <summary>Who loads it takes part, too: still does when the module goes, and must get on without it.</summary>
    [ModuleParameter("whether the task that loads it takes part")]
    public bool Adopt { get; set; }

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        LotteryClass lottery = new(seed: 1994, Rank);
        context.AddSchedulingClass(lottery);
        TaskStruct[] tasks = new TaskStruct[Tasks];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = context.StartTask(new TaskOptions { Name = $"ticket-{i}", Scheduling = lottery.Tickets(i + 1) }, Run);
        }

        foreach (TaskStruct task in tasks)
        {
            while (lottery.DrawsOf(task) < 2)
            {
                KernelTask.Sleep(1_000_000);
            }
        }

        context.Log.Info($"each of {tasks.Length} tasks has won twice");
        if (Adopt)
        {
            KernelTask.Current.SetScheduling(lottery.Tickets(50));
        }
    }

    // Until the module goes: sleeping and yielding take it out of the queue and bring it back.
    [MightSleep]
    private static void Run()
    {
        while (true)
        {
            KernelTask.Yield();
            KernelTask.Sleep(1_000_000);
        }
    }
}
