using System;
using System.Threading;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.UserMode;

/// <summary>A thread's registers are its own, whatever happens between.</summary>
public static class RegisterTests
{
    private const ulong AvxComponent = 4;

    /// <summary>More threads than CPUs compare all registers, x87 and YMM included, with what they put there, over system calls, preemptions and moves.</summary>
    [KernelTest("memory.user_registers_survive_calls_and_switches")]
    public static void SurviveSwitches() => RunMany(2 * RunQueues.Count + 2, 300, moves: true);

    /// <summary>The same while the collector stops the CPUs in user mode, and the tasks' own references on their kernel stacks stay alive.</summary>
    [KernelTest("memory.user_threads_run_while_the_collector_does")]
    public static void Collect()
    {
        int running = RunQueues.Count + 1;
        long[] kept = new long[running];
        TestTasks.Run(running + 1, i => new TaskOptions { Name = $"user-{i}" }, i =>
        {
            if (i == kept.Length)
            {
                while (Volatile.Read(ref running) != 0)
                {
                    ManagedHeap.Collect();
                    Churn();
                    KernelTask.Sleep(1_000_000);
                }

                return;
            }

            try
            {
                using UserProgram program = new(Program);
                for (int round = 0; round < 20; round++)
                {
                    // Known only from the kernel's stack while the thread is in user mode.
                    object[] mine = [new long[4], $"task {i} round {round}"];
                    program.Run(context => RunToEnd(context, 1000 + ((ulong)i << 32), 15, null));
                    Check.Equal($"task {i} round {round}", (string)mine[1], "an object that only the kernel stack of a thread in user mode references");
                    Check.Equal(0L, ((long[])mine[0])[3], "its contents");
                    kept[i]++;
                }
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
    }

    /// <summary>Bases of FS and GS that user code wrote itself, or that the kernel was asked to set, come back.</summary>
    [KernelTest("memory.user_segment_bases_belong_to_the_thread")]
    public static void SegmentBases()
    {
        if (!UserContext.CanWriteBases)
        {
            Check.Skip("this CPU has no WRFSBASE");
        }

        using UserProgram program = new(UserCode.Bases);
        program.DataPage.Write(0x100, BitConverter.GetBytes(0x1111ul));
        program.DataPage.Write(0x208, BitConverter.GetBytes(0x2222ul));
        program.Run(context =>
        {
            context.Registers.Rbx = UserProgram.Data + 0x100;
            context.Registers.Rbp = UserProgram.Data + 0x200;
            Check.Equal(UserExit.SystemCall, context.Run());
            UserProgram.CheckAddress(UserProgram.Data + 0x100, context.FsBase, "base of FS");
            UserProgram.CheckAddress(UserProgram.Data + 0x200, context.GsBase, "base of GS");
            KernelTask.Sleep(1_000_000);
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(0x1111ul, context.Registers.Rdx, "word at FS:0");
            Check.Equal(0x2222ul, context.Registers.Rsi, "word at GS:8");
            context.Registers.Rip = UserProgram.Code + 17;
            context.FsBase = UserProgram.Data + 0x208;
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(0x2222ul, context.Registers.Rdx, "word at FS:0 after the kernel set the base");
        });
    }

    /// <summary>A copy of a context goes on where the original stood, with all its registers: fork(2).</summary>
    [KernelTest("memory.user_context_copies_all_of_its_state")]
    public static void CopyContext()
    {
        using UserProgram program = new(Program);
        UserContext copy = UserProgram.NewContext();
        program.Run(context =>
        {
            context.Registers.Rbx = 77;
            context.Registers.R15 = 5;
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(24ul, context.Registers.Rax);
            copy.CopyFrom(context);
            RunToEnd(context, 0, 0, null);
        });
        TestTasks.Run(1, _ => new TaskOptions { Name = "copy" }, _ =>
        {
            program.Table.AttachTo(TaskStruct.Current.Thread);
            RunToEnd(copy, 0, 0, null);
            UserPageTable.Detach(TaskStruct.Current.Thread);
            copy.Release();
        });
    }

    /// <summary>The extended state goes into a signal frame and back, and a frame that the CPU would refuse is refused.</summary>
    [KernelTest("memory.user_extended_state_is_saved_and_checked")]
    public static void ExtendedState()
    {
        RequireAvx();
        using UserProgram program = new(Program);
        program.Run(context =>
        {
            context.Registers.Rbx = 99;
            context.Registers.R15 = 8;
            Check.Equal(UserExit.SystemCall, context.Run());
            byte[] state = new byte[UserContext.ExtendedStateBytes];
            context.SaveExtendedState(state);
            Check.Equal(99ul + 3, BitConverter.ToUInt64(state, 160 + (3 * 16)), "XMM3");
            Check.Equal(0x1F80u, BitConverter.ToUInt32(state, 24), "MXCSR");

            context.ResetExtendedState();
            byte[] fresh = new byte[state.Length];
            context.SaveExtendedState(fresh);
            Check.Equal(0ul, BitConverter.ToUInt64(fresh, 160 + (3 * 16)), "XMM3 after a reset");
            Check.True(TryRestore(context, state), "what was saved can be restored");
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(24ul, context.Registers.Rax, "the program found all its values");

            Refused(context, state, 24, 0xFF);
            Refused(context, state, 27, 0x80);
            Refused(context, state, 512 + 7, 0x80);
            Refused(context, state, 512 + 1, 0x80);
            Refused(context, state, 512 + 15, 0x80);
            Refused(context, state, 512 + 40, 1);
            Check.False(TryRestore(context, state.AsSpan(0, 511)), "511 bytes");
            Check.False(TryRestore(context, state.AsSpan(0, 513)), "513 bytes");
            context.SaveExtendedState(fresh);
            Check.Equal(0ul, BitConverter.ToUInt64(fresh, 160 + (3 * 16)), "XMM3 after a state that was refused");
            Check.Equal(0x1F80u, BitConverter.ToUInt32(fresh, 24), "MXCSR after it");
            Check.True(TryRestore(context, state), "the right one at last");
            RunToEnd(context, 0, 0, null);
        });
    }

    private static void Refused(UserContext context, byte[] state, int offset, byte bits)
    {
        byte[] changed = (byte[])state.Clone();
        changed[offset] |= bits;

        // All of MXCSR's low byte is allowed where the CPU has DAZ, and then nothing is wrong with it.
        bool allowed = offset == 24 && (BitConverter.ToUInt32(state, 28) & 0xFF) == 0xFF;

        Check.Equal(allowed, TryRestore(context, changed), $"a state with {bits:x} set at {offset}");
        Check.True(TryRestore(context, state), "the right one again");
    }

    private static bool TryRestore(UserContext context, ReadOnlySpan<byte> state)
    {
        state.CopyTo(context.BeginExtendedState());
        return context.EndExtendedState(state.Length);
    }

    private static void RunMany(int count, ulong rounds, bool moves)
    {
        TestTasks.Run(count, i => new TaskOptions { Name = $"user-{i}" }, i =>
        {
            using UserProgram program = new(Program);
            program.Run(context => RunToEnd(context, ((ulong)(i + 1) << 40) + (ulong)i, rounds, moves ? round =>
            {
                if (round % 7 == 0)
                {
                    TaskStruct.Current.SetAffinity(CpuSet.Of((int)((round / 7) + (ulong)i) % RunQueues.Count));
                }
                else if (round % 3 == 0)
                {
                    KernelTask.Yield();
                }
            }
            : null));
        });
    }

    // Rounds of 0 go on with a context that has begun.
    private static void RunToEnd(UserContext context, ulong seed, ulong rounds, Action<ulong>? between)
    {
        if (rounds != 0)
        {
            context.Registers.Rbx = seed;
            context.Registers.R15 = rounds;
        }

        ulong round = 0;
        while (true)
        {
            UserExit exit = context.Run();
            if (exit == UserExit.SystemCall && context.Registers.Rax == 60)
            {
                return;
            }

            Check.Equal(UserExit.SystemCall, exit, $"why it left user mode, vector {context.Registers.Vector} at {context.Registers.Rip:x}, round {round}");
            between?.Invoke(round++);
        }
    }

    private static void Churn()
    {
        object?[] garbage = new object?[200];
        for (int i = 0; i < 2000; i++)
        {
            garbage[i % garbage.Length] = new long[16];
        }
    }

    private static ReadOnlySpan<byte> Program => (UserContext.ExtendedStateFeatures & AvxComponent) != 0 ? UserCode.Registers : UserCode.RegistersSse;

    private static void RequireAvx()
    {
        if ((UserContext.ExtendedStateFeatures & AvxComponent) == 0)
        {
            Check.Skip("this CPU has no AVX: the state has no header to be checked");
        }
    }
}
