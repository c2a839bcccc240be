using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes
{
    /// <summary>Stands for the class of this name in Kernel/Processes.</summary>
    public sealed class UserThread
    {
        private static readonly Dictionary<int, UserThread> s_threads = [];

        public UserThread(TaskStruct task)
        {
            Task = task;
            Futex = new FutexThread(this);
            s_threads[Id] = this;
        }

        public TaskStruct Task { get; }

        public int Id => Task.Pid;

        public FutexThread Futex { get; }

        public SleepDeadline Deadline { get; } = new();

        public static UserThread? Find(int id) => s_threads.GetValueOrDefault(id);

        public static void Forget(int id) => s_threads.Remove(id);
    }
}

namespace CosmosKernel.Processes.Futexes
{
    /// <summary>Stands for the class of this name in Kernel/Processes.</summary>
    internal static class FutexThreads
    {
        public static FutexThread? Find(uint number) => UserThread.Find((int)number)?.Futex;
    }

    /// <summary>Stands for the class of this name in Kernel/Processes: words in a table, whose pages go away again and again. Every access is a step.</summary>
    internal static class FutexMemory
    {
        private static readonly Dictionary<ulong, uint> s_words = [];
        private static readonly HashSet<ulong> s_absent = [];

        /// <summary>Nothing is there.</summary>
        public static void Clear()
        {
            s_words.Clear();
            s_absent.Clear();
        }

        public static bool TryRead(ulong address, out uint value)
        {
            SimulatedMachine.Instance.Step();
            value = s_words.GetValueOrDefault(address);
            return IsPresent(address);
        }

        public static bool TryReplace(ulong address, uint expected, uint value, out uint seen)
        {
            SimulatedMachine.Instance.Step();
            seen = s_words.GetValueOrDefault(address);
            bool present = IsPresent(address);
            if (present && seen == expected)
            {
                s_words[address] = value;
            }

            return present;
        }

        public static bool TryChange(ulong address, UserAtomic operation, uint operand, out uint old)
        {
            SimulatedMachine.Instance.Step();
            old = s_words.GetValueOrDefault(address);
            bool present = IsPresent(address);
            if (present)
            {
                s_words[address] = operation switch
                {
                    UserAtomic.Set => operand,
                    UserAtomic.Add => old + operand,
                    UserAtomic.Or => old | operand,
                    UserAtomic.AndNot => old & ~operand,
                    _ => old ^ operand,
                };
            }

            return present;
        }

        public static Errno FaultIn(ulong address, bool forWrite)
        {
            SimulatedMachine.Instance.Require(SimulatedMachine.Instance.Active.LocksHeld == 0, "a page is faulted in with a spin lock held");
            KernelTask.Yield();
            s_absent.Remove(address);
            return s_words.ContainsKey(address) ? Errno.Ok : Errno.EFAULT;
        }

        /// <summary>What user code does by itself: a load.</summary>
        public static uint Load(ulong address)
        {
            SimulatedMachine.Instance.Step();
            return s_words.GetValueOrDefault(address);
        }

        /// <summary>What user code does by itself: a store.</summary>
        public static void Store(ulong address, uint value)
        {
            SimulatedMachine.Instance.Step();
            s_words[address] = value;
        }

        /// <summary>What user code does by itself: a compare-and-exchange.</summary>
        /// <returns>What was there.</returns>
        public static uint Exchange(ulong address, uint expected, uint value)
        {
            SimulatedMachine.Instance.Step();
            uint seen = s_words.GetValueOrDefault(address);
            if (seen == expected)
            {
                s_words[address] = value;
            }

            return seen;
        }

        /// <summary>The word's memory is unmapped.</summary>
        public static void Unmap(ulong address)
        {
            s_words.Remove(address);
            s_absent.Add(address);
        }

        // One page in eight accesses has just been taken away.
        private static bool IsPresent(ulong address)
        {
            if (SimulatedMachine.Instance.Random.Next(8) == 0)
            {
                s_absent.Add(address);
            }

            return !s_absent.Contains(address) && s_words.ContainsKey(address);
        }
    }
}
