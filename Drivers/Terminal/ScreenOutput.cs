using System;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Sound;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>
/// A screen as a console. Text goes into the model at once; the display follows at most fifty times a second, by the writer when it has been quiet, otherwise by a task of its own:
/// so a flood of text does not wait for pixels.
/// </summary>
public sealed class ScreenOutput : ConsoleOutput
{
    private const ulong FrameNanoseconds = 20_000_000;

    private readonly string _name;

    [GuardedBy(nameof(_lock))]
    private readonly TerminalDisplay _display;

    [GuardedBy(nameof(_lock))]
    private TerminalScreen _screen;

    [GuardedBy(nameof(_lock))]
    private TerminalRenderer _renderer;

    // Columns in the upper half, rows in the lower one.
    [Atomic]
    private long _size;

    private readonly Mutex _lock;
    private readonly WaitQueue _late;

    // The drawing task looks at it without the lock before it goes to sleep.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private volatile bool _isLate;

    [GuardedBy(nameof(_lock))]
    private ulong _lastFrame;

    [GuardedBy(nameof(_lock))]
    private bool _paused;

    private ScreenOutput(string name, TerminalDisplay display)
    {
        _name = name;
        _lock = new Mutex(name);
        _late = new WaitQueue(name);
        _display = display;
        _size = SizeOf(display);
        _screen = new TerminalScreen(display.Columns, display.Rows);
        _renderer = new TerminalRenderer(_screen, display);
        _renderer.Update();
    }

    /// <inheritdoc/>
    public override string Name => _name;

    /// <inheritdoc/>
    public override (int Columns, int Rows) Size
    {
        get
        {
            long size = Volatile.Read(ref _size);
            return ((int)(size >> 32), (int)size);
        }
    }

    /// <summary>Clears the display, shows what the kernel has logged so far, starts the task that draws, and adds the console. All of it belongs to the module.</summary>
    /// <param name="context">The module's.</param>
    /// <param name="name">The console's name.</param>
    /// <param name="display">What shows it.</param>
    [MightSleep]
    public static ScreenOutput Start(ModuleContext context, string name, TerminalDisplay display)
    {
        var output = new ScreenOutput(name, display);
        output.ShowLog();
        context.StartTask(name, output.DrawLate);
        context.AddConsoleOutput(output);
        return output;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Write(ReadOnlySpan<byte> text)
    {
        if (WriteToScreen(text))
        {
            Speaker.Play(Speaker.BellHertz, Speaker.BellMilliseconds);
        }
    }

    // True when there is to be a sound.
    [MightSleep]
    private bool WriteToScreen(ReadOnlySpan<byte> text)
    {
        bool hasRung;
        using (_lock.Enter())
        {
            _screen.Write(text);
            hasRung = _screen.HasRung;
            _screen.HasRung = false;
            if (Clock.MonotonicNanoseconds - _lastFrame >= FrameNanoseconds)
            {
                Draw();
                return hasRung;
            }

            if (_isLate)
            {
                return hasRung;
            }

            _isLate = true;
        }

        _late.WakeAll();
        return hasRung;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Flush()
    {
        using (_lock.Enter())
        {
            Draw();
        }
    }

    /// <summary>Draws nothing until <see cref="Resume"/>: another one has the screen. Text still goes into the model. When it returns, nothing is being drawn.</summary>
    [MightSleep]
    public void Pause()
    {
        using (_lock.Enter())
        {
            _paused = true;
        }
    }

    /// <summary>Draws the whole screen, and goes on as before <see cref="Pause"/>.</summary>
    [MightSleep]
    public void Resume()
    {
        using (_lock.Enter())
        {
            _paused = false;
            _renderer.Redraw();
            Draw();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool TrySetFont(ScreenFont? font)
    {
        using (_lock.Enter())
        {
            if (_paused || !_display.TrySetFont(font))
            {
                return false;
            }

            _screen = _screen.Resize(_display.Columns, _display.Rows);
            _renderer = new TerminalRenderer(_screen, _display);
            Volatile.Write(ref _size, SizeOf(_display));
            Draw();
            return true;
        }
    }

    private static long SizeOf(TerminalDisplay display) => ((long)display.Columns << 32) | (uint)display.Rows;

    private void ShowLog()
    {
        foreach (LogLine line in KernelLog.Lines)
        {
            if (line.Level <= KernelLog.ConsoleLevel)
            {
                Write(Encoding.UTF8.GetBytes(KernelLog.Format(line.Nanoseconds, line.Text) + "\n"));
            }
        }
    }

    private void DrawLate()
    {
        while (WaitUntilLate())
        {
            KernelTask.Sleep(FrameNanoseconds);
            using (_lock.Enter())
            {
                if (_isLate)
                {
                    Draw();
                }
            }
        }
    }

    // False when the task is to end.
    private bool WaitUntilLate()
    {
        using WaitQueue.Wait wait = _late.Begin();
        while (true)
        {
            wait.Prepare();
            if (_isLate)
            {
                return true;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    private void Draw()
    {
        if (!_paused)
        {
            _renderer.Update();
        }

        _isLate = false;
        _lastFrame = Clock.MonotonicNanoseconds;
    }
}
