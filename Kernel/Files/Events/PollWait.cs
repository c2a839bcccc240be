using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Events;

/// <summary>
/// A task's wait for any of several files (poll(2), select(2)). Each thread has one and uses it again, so that waiting for as many files as before allocates nothing. The files are held
/// while the wait lasts, even if another thread closes their descriptors.
/// </summary>
public sealed class PollWait : PollWatcher
{
    private const PollEvents Always = PollEvents.Error | PollEvents.HangUp;
    private const int InitialFiles = 16;

    [Atomic]
    private int _happened;

    [Protocol("Written by the task that waits, before the first file knows the watcher.")]
    private TaskStruct? _task;

    [TaskPrivate]
    private OpenFile?[] _files = [];

    /// <summary>Waits until one of the entries has what is wanted of it. Task context.</summary>
    /// <param name="entries">The descriptors; what there is, is stored there.</param>
    /// <param name="table">What the descriptors mean.</param>
    /// <param name="deadline">Until when to wait.</param>
    /// <param name="mayWait">False only looks.</param>
    /// <returns>How many entries have something; 0 at the deadline; -EINTR: a signal came before.</returns>
    [MightSleep]
    public long Wait(Span<PollEntry> entries, FileTable table, SleepDeadline deadline, bool mayWait)
    {
        if (_files.Length < entries.Length)
        {
            _files = new OpenFile?[Math.Max(entries.Length, InitialFiles)];
        }

        _task = TaskStruct.Current;
        Volatile.Write(ref _happened, 0);
        long result = Begin(entries, table, mayWait);
        while (result == 0 && mayWait)
        {
            TaskSleep.Prepare(WaitMode.Interruptible, "poll");
            bool happened = Volatile.Read(ref _happened) != 0;
            bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
            bool passed = deadline.HasPassed;
            if (!happened && !interrupted && !passed)
            {
                TaskSleep.Sleep(deadline.Monotonic);
                continue;
            }

            TaskSleep.Abandon();
            if (happened)
            {
                // Taken back before the look: what happens after it counts again.
                Interlocked.Exchange(ref _happened, 0);
                result = Look(entries);
            }

            if (result == 0 && (interrupted || passed))
            {
                result = interrupted ? -(long)Errno.EINTR : 0;
                break;
            }
        }

        End(entries.Length);
        return result;
    }

    /// <inheritdoc/>
    protected internal override void OnWake(PollEvents events)
    {
        // The waker comes after the change of the file's state, and the task looks at the state after it has taken this back.
        Volatile.Write(ref _happened, 1);
        TaskSleep.Wake(_task!);
    }

    // Looks at each file for the first time, and has it tell what happens, until one has something.
    [MightSleep]
    private long Begin(Span<PollEntry> entries, FileTable table, bool mayWait)
    {
        long found = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            ref PollEntry entry = ref entries[i];
            entry.Found = 0;
            if (entry.Descriptor < 0)
            {
                continue;
            }

            if (table.TryGet(entry.Descriptor, out OpenFile? file) != Errno.Ok)
            {
                entry.Found = (ushort)PollEvents.Invalid;
                found++;
                continue;
            }

            _files[i] = file;
            found += Look(file!, ref entry, mayWait && found == 0 ? this : null) ? 1 : 0;
        }

        return found;
    }

    private long Look(Span<PollEntry> entries)
    {
        long found = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            if (_files[i] is { } file && Look(file, ref entries[i], null))
            {
                found++;
            }
        }

        return found;
    }

    private static bool Look(OpenFile file, ref PollEntry entry, PollWatcher? watcher)
    {
        PollEvents events = file.Poll(watcher) & ((PollEvents)entry.Wanted | Always);
        entry.Found = (ushort)events;
        return events != PollEvents.None;
    }

    [MightSleep]
    private void End(int count)
    {
        DetachAll();
        for (int i = 0; i < count; i++)
        {
            _files[i]?.Release();
            _files[i] = null;
        }
    }
}
