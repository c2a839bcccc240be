using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Console.Input;

/// <summary>
/// A task of its own that turns what is typed into keys, so that Ctrl-C works while a command runs: it kills the foreground task and is no key then.
/// </summary>
/// <param name="terminal">Told of cursor position reports.</param>
internal sealed class KeyReader(Terminal terminal)
{
    /// <summary>After so long without another byte, an escape character was the key Escape. A sequence at 9600 baud takes less.</summary>
    private const ulong EscapeNanoseconds = 50_000_000;

    [TaskPrivate]
    private readonly KeyDecoder _decoder = new();

    [GuardedBy(nameof(_lock))]
    private readonly Queue<Key> _keys = new();

    private readonly Semaphore _available = new("key", 0);
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private TaskStruct? _foreground;

    /// <summary>The task.</summary>
    [Atomic]
    public TaskStruct? Task { get; private set; }

    /// <summary>Starts the task. Once.</summary>
    public void Start(int priority)
    {
        Task = KernelTask.Start(new TaskOptions { Name = "keys", Priority = priority, Detached = true }, Run);
    }

    /// <summary>Says which task Ctrl-C kills; null for none.</summary>
    public void SetForeground(TaskStruct? task)
    {
        lock (_lock)
        {
            _foreground = task;
        }
    }

    /// <summary>Waits for a key. Any task, but only one at a time gets each key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="deadline">Monotonic time in nanoseconds, or <see cref="Scheduler.Never"/>.</param>
    /// <returns>False when the time was over or the task was killed or interrupted.</returns>
    public bool Read(out Key key, ulong deadline = Scheduler.Never)
    {
        key = default;
        if (_available.Wait(deadline, WaitMode.Interruptible) != WaitResult.Woken)
        {
            return false;
        }

        lock (_lock)
        {
            return _keys.TryDequeue(out key);
        }
    }

    private void Run()
    {
        while (true)
        {
            ulong deadline = _decoder.IsInSequence ? Clock.MonotonicNanoseconds + EscapeNanoseconds : Scheduler.Never;
            Key key = KernelConsole.Input.Read(out byte value, deadline) ? _decoder.Add(value) : _decoder.Pause();
            (int row, int column) = _decoder.TakeReport();
            if (row > 0)
            {
                terminal.Reported(column, row);
            }

            if (key.Code != KeyCode.None)
            {
                Deliver(key);
            }
        }
    }

    private void Deliver(Key key)
    {
        lock (_lock)
        {
            if (_foreground is not null && key.IsControl('C'))
            {
                // What was typed ahead was for the command that ends now.
                while (_available.TryTake())
                {
                    _keys.Dequeue();
                }

                _foreground.Kill();
                return;
            }

            _keys.Enqueue(key);
            _available.Release();
        }
    }
}
