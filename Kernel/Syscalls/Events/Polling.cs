using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>poll(2).</summary>
[SystemCall(7, "poll", Support.All)]
internal sealed class PollCall : SystemCall
{
    private const ulong EntryBytes = 8;
    private const ulong FoundOffset = 6;
    private const int FewEntries = 32;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
        => Restart.Poll(thread, registers.Rdi, (uint)registers.Rsi, CallTimeout.FromMilliseconds((int)registers.Rdx));

    /// <summary>Waits for one of an array of entries in user memory.</summary>
    /// <returns>As poll(2); -EINTR when a signal came.</returns>
    [MightSleep]
    public static long Wait(UserThread thread, [UserAddress] ulong address, uint count, in CallTimeout timeout)
    {
        if (count > thread.Process.Limits.Current(ResourceLimit.RLIMIT_NOFILE) || count > FileTable.Maximum)
        {
            return -(long)Errno.EINVAL;
        }

        Span<PollEntry> entries = count <= FewEntries ? stackalloc PollEntry[FewEntries] : new PollEntry[count];
        entries = entries[..(int)count];
        var pointer = new UserPointer<PollEntry>(address);
        for (int i = 0; i < entries.Length; i++)
        {
            if (!pointer.At(i).TryRead(out entries[i]))
            {
                return -(long)Errno.EFAULT;
            }
        }

        WaitClock.Set(thread, timeout.End, isRealtime: false);
        long result = thread.Poll.Wait(entries, FileTable.Current!, thread.Deadline, timeout.MayWait);
        thread.Deadline.Clear();
        if (result < 0)
        {
            return result;
        }

        // Only what was found is written: other threads may have changed the rest.
        Span<byte> found = stackalloc byte[sizeof(ushort)];
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(found, entries[i].Found);
            if (!UserMemory.TryWrite(address + ((ulong)i * EntryBytes) + FoundOffset, found))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return result;
    }

    /// <summary>A poll that goes on after a signal without handler: to the same end.</summary>
    private sealed class Restart : RestartBlock
    {
        [UserAddress]
        private readonly ulong _address;
        private readonly uint _count;
        private readonly CallTimeout _timeout;

        private Restart([UserAddress] ulong address, uint count, in CallTimeout timeout)
        {
            _address = address;
            _count = count;
            _timeout = timeout;
        }

        [MightSleep]
        public static long Poll(UserThread thread, [UserAddress] ulong address, uint count, in CallTimeout timeout)
        {
            long result = Wait(thread, address, count, timeout);
            if (result != -(long)Errno.EINTR)
            {
                return result;
            }

            thread.Restart = new Restart(address, count, timeout);
            return -(long)Errno.ERESTART_RESTARTBLOCK;
        }

        /// <inheritdoc/>
        [MightSleep]
        public override long Invoke(UserThread thread) => Poll(thread, _address, _count, _timeout);
    }
}

/// <summary>ppoll(2): the system call writes the time that is left.</summary>
[SystemCall(271, "ppoll", Support.All)]
internal sealed class PollWithMask : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = CallTimeout.TryRead(registers.Rdx, out CallTimeout timeout);
        if (error == Errno.Ok)
        {
            error = CallMask.Begin(thread, registers.R10, registers.R8);
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long result = PollCall.Wait(thread, registers.Rdi, (uint)registers.Rsi, timeout);
        result = result == -(long)Errno.EINTR ? -(long)Errno.ERESTARTNOHAND : result;
        return CallMask.End(thread, timeout.WriteLeft(registers.Rdx, isTimeval: false, result));
    }
}
