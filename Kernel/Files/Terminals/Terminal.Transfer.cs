using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Terminals;

// Reading and writing.
public abstract partial class Terminal
{
    private const int ChunkSize = 512;

    /// <summary>Reads (termios(3)): one line, or without lines what MIN and TIME say. Task context.</summary>
    /// <returns>Bytes, or a negative errno: EIO in the background where no SIGTTIN can be sent, EAGAIN, EFAULT, ERESTARTSYS.</returns>
    [MightSleep]
    internal long Read(TerminalFile file, ref DataSink to)
    {
        if (file.IsHungUp || to.Remaining == 0)
        {
            return 0;
        }

        if (!file.IsConsole && CheckForeground(Signal.SIGTTIN) is var refusal && refusal != Errno.Ok)
        {
            return -(long)refusal;
        }

        using Mutex.Guard reader = Begin(_readLock, file.IsNonBlocking, out long error);
        return reader.Taken ? ReadLocked(file, ref to) : error;
    }

    /// <summary>Writes. Task context.</summary>
    /// <returns>Bytes, or a negative errno: EIO after a hang-up, EAGAIN, EFAULT, ERESTARTSYS.</returns>
    [MightSleep]
    internal long Write(TerminalFile file, ref DataSource from)
    {
        if (file.IsHungUp)
        {
            return -(long)Errno.EIO;
        }

        if (!file.IsConsole && Settings.Has(LocalFlags.StopBackgroundOutput) && CheckForeground(Signal.SIGTTOU) is var refusal && refusal != Errno.Ok)
        {
            return -(long)refusal;
        }

        using Mutex.Guard writer = Begin(_writeLock, file.IsNonBlocking, out long error);
        return writer.Taken ? WriteLocked(file, ref from) : error;
    }

    [MightSleep]
    private static Mutex.Guard Begin(Mutex mutex, bool isNonBlocking, out long error)
    {
        Mutex.Guard guard = isNonBlocking ? mutex.TryEnter() : mutex.TryEnter(Scheduler.Never, WaitMode.Interruptible);
        error = guard.Taken ? 0 : -(long)(isNonBlocking ? Errno.EAGAIN : Errno.ERESTARTSYS);
        return guard;
    }

    // With _readLock held.
    [MightSleep]
    private long ReadLocked(TerminalFile file, ref DataSink to)
    {
        Span<byte> chunk = stackalloc byte[ChunkSize];
        int total = 0;
        ulong last = Clock.MonotonicNanoseconds;
        while (true)
        {
            Span<byte> part = chunk[..(int)Math.Min(ChunkSize, to.Remaining)];
            int count = Take(part, (int)Math.Min(to.Remaining, int.MaxValue), total, out RawReadRule rule, out TakeState state);
            if (count > 0)
            {
                int copied = to.Write(part[..count]);
                total += copied;
                if (copied < count)
                {
                    return total > 0 ? total : -(long)Errno.EFAULT;
                }

                last = Clock.MonotonicNanoseconds;
            }

            if (state == TakeState.Done || to.Remaining == 0)
            {
                return total;
            }

            if (state == TakeState.More)
            {
                continue;
            }

            if (file.IsHungUp)
            {
                return total;
            }

            if (file.IsNonBlocking)
            {
                return total > 0 ? total : -(long)Errno.EAGAIN;
            }

            ulong patience = state == TakeState.WaitForLine ? ulong.MaxValue : rule.Patience(total);
            WaitResult result = WaitForInput(file, patience == ulong.MaxValue ? Scheduler.Never : last + patience);
            if (result == WaitResult.TimedOut)
            {
                return total;
            }

            if (result == WaitResult.Interrupted)
            {
                return total > 0 ? total : -(long)Errno.ERESTARTSYS;
            }
        }
    }

    // What there is, and what a read does next.
    [MightSleep]
    private int Take(Span<byte> part, int wanted, int total, out RawReadRule rule, out TakeState state)
    {
        using (Lock.Enter())
        {
            bool isCanonical = _discipline.IsCanonical;
            rule = new RawReadRule(_discipline.Settings);
            if (!_discipline.IsReadable())
            {
                state = isCanonical ? (total > 0 ? TakeState.Done : TakeState.WaitForLine) : rule.IsDone(total) ? TakeState.Done : TakeState.WaitForBytes;
                return 0;
            }

            int count = _discipline.Read(part, out bool isLineEnd);
            if (isCanonical)
            {
                if (!isLineEnd && count == wanted)
                {
                    _discipline.SkipEndOfFile();
                }

                state = isLineEnd ? TakeState.Done : TakeState.More;
            }
            else
            {
                state = _discipline.IsReadable() ? TakeState.More : rule.IsDone(total + count) ? TakeState.Done : TakeState.WaitForBytes;
            }

            Publish();
            return count;
        }
    }

    [MightSleep]
    private WaitResult WaitForInput(TerminalFile file, ulong deadline)
    {
        using WaitQueue.Wait wait = Readers.Begin(deadline);
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref _readable) > 0 || file.IsHungUp)
            {
                return WaitResult.Woken;
            }

            WaitResult result = wait.Sleep();
            if (result != WaitResult.Woken)
            {
                return result;
            }
        }
    }

    // With _writeLock held.
    [MightSleep]
    private long WriteLocked(TerminalFile file, ref DataSource from)
    {
        Span<byte> chunk = stackalloc byte[ChunkSize];
        long total = 0;
        while (from.Remaining > 0)
        {
            int count = from.Read(chunk);
            if (count == 0)
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }

            int written = 0;
            while (written < count)
            {
                int taken;
                using (Lock.Enter())
                {
                    if (file.IsHungUp)
                    {
                        return total + written > 0 ? total + written : -(long)Errno.EIO;
                    }

                    taken = _discipline.Write(chunk[written..count]);
                    Publish();
                }

                written += taken;
                if (taken > 0)
                {
                    continue;
                }

                Errno error = file.IsNonBlocking ? Errno.EAGAIN : WaitForRoom(file);
                if (error != Errno.Ok)
                {
                    return total + written > 0 ? total + written : -(long)error;
                }
            }

            total += written;
        }

        return total;
    }

    [MightSleep]
    private Errno WaitForRoom(TerminalFile file)
    {
        using WaitQueue.Wait wait = Writers.Begin();
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref _isWritable) || file.IsHungUp)
            {
                return Errno.Ok;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    private enum TakeState
    {
        Done,
        More,
        WaitForLine,
        WaitForBytes,
    }
}
