using System.Threading;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.UserMode;

/// <summary>User code that never enters the kernel by itself is brought there.</summary>
public static class PreemptionTests
{
    /// <summary>A task on the same CPU runs beside an endless loop in user mode, and ends that by a request for attention.</summary>
    [KernelTest("memory.user_loop_is_preempted_and_gets_attention")]
    public static void Preempted()
    {
        using UserProgram program = new(UserCode.Spin);
        UserContext context = UserProgram.NewContext();
        UserExit exit = UserExit.SystemCall;
        TaskStruct looper = KernelTask.Start(new TaskOptions { Name = "user-loop", Affinity = CpuSet.Of(0) }, () =>
        {
            program.Table.AttachTo(TaskStruct.Current.Thread);
            exit = context.Run();
            UserPageTable.Detach(TaskStruct.Current.Thread);
        });
        int turns = 0;
        TestTasks.Run(1, _ => new TaskOptions { Name = "beside", Affinity = CpuSet.Of(0) }, _ =>
        {
            for (; turns < 20; turns++)
            {
                KernelTask.Sleep(1_000_000);
            }

            context.RequestAttention();
        });
        looper.Join();
        context.Release();
        Check.Equal(20, turns);
        Check.Equal(UserExit.Attention, exit);
    }

    /// <summary>A loop on another CPU is stopped by the request, which sends an interrupt there; no request is lost, however often and whenever it is made.</summary>
    [KernelTest("memory.user_attention_reaches_another_cpu")]
    public static void AttentionElsewhere()
    {
        if (RunQueues.Count < 2)
        {
            Check.Skip("needs two CPUs");
        }

        const int rounds = 2000;
        using UserProgram program = new(UserCode.Spin);
        UserContext context = UserProgram.NewContext();
        int answered = 0;
        TestTasks.Run(2, i => new TaskOptions { Name = i == 0 ? "user-loop" : "asks", Affinity = CpuSet.Of(i) }, i =>
        {
            if (i == 0)
            {
                program.Table.AttachTo(TaskStruct.Current.Thread);
                for (int round = 0; round < rounds; round++)
                {
                    Check.Equal(UserExit.Attention, context.Run());
                    Volatile.Write(ref answered, round + 1);
                }

                UserPageTable.Detach(TaskStruct.Current.Thread);
                return;
            }

            for (int round = 0; round < rounds; round++)
            {
                context.RequestAttention();
                while (Volatile.Read(ref answered) != round + 1)
                {
                    Thread.SpinWait(1);
                }
            }
        });
        context.Release();
    }

    /// <summary>A request that comes while the thread is in the kernel stops its next way out, once.</summary>
    [KernelTest("memory.user_attention_is_seen_before_the_way_out")]
    public static void AttentionBefore()
    {
        using UserProgram program = new(UserCode.Calls);
        program.Run(context =>
        {
            context.Registers.R15 = 10;
            context.RequestAttention();
            Check.Equal(UserExit.Attention, context.Run());
            UserProgram.CheckAddress(UserProgram.Code, context.Registers.Rip, "it has not run");
            Check.Equal(UserExit.SystemCall, context.Run());
            context.RequestAttention();
            context.RequestAttention();
            Check.Equal(UserExit.Attention, context.Run());
            Check.Equal(UserExit.SystemCall, context.Run());
        });
    }
}
