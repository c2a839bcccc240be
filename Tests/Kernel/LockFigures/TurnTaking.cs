using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.LockFigures;

/// <summary>Two tasks that change a variable in turn, with a mutex and a condition variable.</summary>
internal static class TurnTaking
{
    /// <summary>Nanoseconds from one turn to the next.</summary>
    public static double Play(int turns, CpuSet partner)
    {
        var mutex = new Mutex("ping-pong");
        var changed = new ConditionVariable("ping-pong");
        int turn = 0;
        void Take(int me)
        {
            for (int i = 0; i < turns; i++)
            {
                using (mutex.Enter())
                {
                    while (turn != me)
                    {
                        changed.Wait(mutex);
                    }

                    turn = 1 - me;
                    changed.Signal();
                }
            }
        }

        TaskStruct other = KernelTask.Start(new TaskOptions { Name = "pong", Affinity = partner, Priority = KernelTask.Current.Priority }, () => Take(1));
        ulong start = Clock.MonotonicNanoseconds;
        Take(0);
        double each = (Clock.MonotonicNanoseconds - start) / (2.0 * turns);
        other.Join();
        return each;
    }
}
