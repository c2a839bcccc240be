using System;
using System.Text;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>
/// A screen as a console. Text goes into the model at once; the display follows at most fifty times a second, by the writer when it has been quiet, otherwise by a task of its own:
/// so a flood of text does not wait for pixels.
/// </summary>
public sealed class ScreenOutput : ConsoleOutput
{
    private const ulong FrameNanoseconds = 20_000_000;

    private readonly string _name;
    private readonly TerminalScreen _screen;
    private readonly TerminalRenderer _renderer;
    private readonly Mutex _lock;
    private readonly WaitQueue _late;

    // Written with _lock held; the drawing task looks at it without before it goes to sleep.
    private volatile bool _isLate;
    private ulong _lastFrame;

    private ScreenOutput(string name, TerminalDisplay display)
    {
        _name = name;
        _lock = new Mutex(name);
        _late = new WaitQueue(name);
        _screen = new TerminalScreen(display.Columns, display.Rows);
        _renderer = new TerminalRenderer(_screen, display);
        _renderer.Update();
    }

    /// <inheritdoc/>
    public override string Name => _name;

    /// <inheritdoc/>
    public override (int Columns, int Rows) Size => (_screen.Columns, _screen.Rows);

    /// <summary>Clears the display, shows what the kernel has logged so far, starts the task that draws, and adds the console. All of it belongs to the module.</summary>
    /// <param name="context">The module's.</param>
    /// <param name="name">The console's name.</param>
    /// <param name="display">What shows it.</param>
    public static ScreenOutput Start(ModuleContext context, string name, TerminalDisplay display)
    {
        var output = new ScreenOutput(name, display);
        output.ShowLog();
        context.StartTask(name, output.DrawLate);
        context.AddConsoleOutput(output);
        return output;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text)
    {
        using (_lock.Enter())
        {
            _screen.Write(text);
            if (Clock.MonotonicNanoseconds - _lastFrame >= FrameNanoseconds)
            {
                Draw();
                return;
            }

            if (_isLate)
            {
                return;
            }

            _isLate = true;
        }

        _late.WakeAll();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        using (_lock.Enter())
        {
            Draw();
        }
    }

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

    private void Draw()
    {
        _renderer.Update();
        _isLate = false;
        _lastFrame = Clock.MonotonicNanoseconds;
    }
}
