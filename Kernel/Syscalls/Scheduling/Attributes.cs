using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Syscalls.Scheduling;

/// <summary>sched_setattr(2).</summary>
[SystemCall(314, "sched_setattr", Support.Some, "SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN and the utilization clamps give EOPNOTSUPP.")]
internal sealed class SetAttributes : SystemCall
{
    private const uint LargestSize = 4096;
    private const ulong KnownFlags = SchedulingConstants.FlagResetOnFork | SchedulingConstants.FlagKeepPolicy | SchedulingConstants.FlagKeepParameters;
    private const ulong OtherFlags = 0x66;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        if (registers.Rsi == 0 || id < 0 || (uint)registers.Rdx != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = TryRead(registers.Rsi, out SchedulingAttributes attributes);
        UserThread target = thread;
        if (error == Errno.Ok)
        {
            error = PolicyCalls.TryFind(thread, id, out target);
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if ((attributes.Flags & ~(KnownFlags | OtherFlags)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if ((attributes.Flags & OtherFlags) != 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        bool keepsPolicy = (attributes.Flags & SchedulingConstants.FlagKeepPolicy) != 0;
        bool keepsParameters = (attributes.Flags & SchedulingConstants.FlagKeepParameters) != 0;
        int policy = keepsPolicy ? PolicyCalls.NumberOf(now) : (int)attributes.Policy;
        if (!PolicyCalls.IsKnown(policy))
        {
            return -(long)Errno.EINVAL;
        }

        bool resets = (attributes.Flags & SchedulingConstants.FlagResetOnFork) != 0 || (keepsPolicy && now.ResetOnFork);
        SchedulingParameters wanted = keepsParameters
            ? now with { ResetOnFork = resets } // As in Linux, the policy stays with them.
            : PolicyCalls.With(now, (SchedulingPolicy)policy, (int)attributes.Priority, resets);
        if (!keepsParameters && wanted.Policy.IsFair())
        {
            wanted = wanted with { Nice = Math.Clamp(attributes.Nice, TaskPriority.MinimumNice, TaskPriority.MaximumNice) };
        }
        else if (!keepsParameters && wanted.Policy == SchedulingPolicy.Deadline)
        {
            wanted = wanted with { Runtime = attributes.Runtime, Deadline = attributes.Deadline, Period = attributes.Period };
        }

        return -(long)ThreadScheduling.Set(target, wanted);
    }

    // A caller that knows more than this kernel must have left that 0.
    [MightSleep]
    private static Errno TryRead([UserAddress] ulong address, out SchedulingAttributes attributes)
    {
        attributes = default;
        if (!UserMemory.TryRead(address, out uint size))
        {
            return Errno.EFAULT;
        }

        size = size == 0 ? SchedulingAttributes.FirstSize : size;
        bool fits = size is >= SchedulingAttributes.FirstSize and <= LargestSize;
        Span<byte> more = stackalloc byte[64];
        for (uint at = SchedulingAttributes.FirstSize; fits && at < size; at += (uint)more.Length)
        {
            Span<byte> part = more[..(int)Math.Min((uint)more.Length, size - at)];
            if (!UserMemory.TryRead(address + at, part))
            {
                return Errno.EFAULT;
            }

            fits = part.IndexOfAnyExcept((byte)0) < 0;
        }

        if (!fits)
        {
            // It learns what size would have been right.
            return UserMemory.TryWrite(address, SchedulingAttributes.FirstSize) ? Errno.E2BIG : Errno.EFAULT;
        }

        return new UserPointer<SchedulingAttributes>(address).TryRead(out attributes) ? Errno.Ok : Errno.EFAULT;
    }
}

/// <summary>sched_getattr(2).</summary>
[SystemCall(315, "sched_getattr", Support.All)]
internal sealed class GetAttributes : SystemCall
{
    private const uint LargestSize = 4096;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        if (registers.Rsi == 0 || id < 0 || (uint)registers.Rdx is < SchedulingAttributes.FirstSize or > LargestSize || (uint)registers.R10 != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = PolicyCalls.TryFind(thread, id, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        SchedulingAttributes attributes = new()
        {
            Size = SchedulingAttributes.FirstSize,
            Policy = (uint)PolicyCalls.NumberOf(now),
            Flags = now.ResetOnFork ? SchedulingConstants.FlagResetOnFork : 0,
            Nice = now.Policy.IsFair() ? now.Nice : 0,
            Priority = (uint)now.RealTimePriority,
            Runtime = now.Runtime,
            Deadline = now.Deadline,
            Period = now.Policy == SchedulingPolicy.Deadline ? now.EffectivePeriod : 0,
        };
        return new UserPointer<SchedulingAttributes>(registers.Rsi).TryWrite(attributes) ? 0 : -(long)Errno.EFAULT;
    }
}
