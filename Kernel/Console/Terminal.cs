using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Console;

/// <summary>
/// The size of what people see. Screens know theirs; a serial terminal is asked by moving the cursor as far as it goes and requesting its position
/// (ECMA-48 DSR 6). The smallest of all counts, since the same text goes everywhere.
/// </summary>
internal sealed class Terminal
{
    private const int DefaultColumns = 80;
    private const int DefaultRows = 25;
    private const int LeastColumns = 20;
    private const int LeastRows = 5;
    private const ulong AnswerNanoseconds = 200_000_000;

    // Save cursor, go to the far corner, ask, restore.
    private const string Question = "\e7\e[999;999H\e[6n\e8";

    private const string AutoWrap = "\e[?7h";

    [Atomic]
    private Completion _answered = new("terminal");

    [Atomic]
    private int _columns;

    [Atomic]
    private int _rows;

    /// <summary>The size as known now.</summary>
    public (int Columns, int Rows) Size
    {
        get
        {
            int columns = Volatile.Read(ref _columns);
            int rows = Volatile.Read(ref _rows);
            foreach (ConsoleOutput output in KernelConsole.Outputs)
            {
                (int outputColumns, int outputRows) = output.Size;
                if (outputColumns > 0)
                {
                    columns = columns == 0 || outputColumns < columns ? outputColumns : columns;
                    rows = rows == 0 || outputRows < rows ? outputRows : rows;
                }
            }

            return columns == 0 ? (DefaultColumns, DefaultRows) : (columns, rows);
        }
    }

    /// <summary>
    /// Makes the terminal continue long lines in the next row, which firmware may have switched off, and asks for its size without waiting: the answer arrives
    /// in <see cref="Reported"/>.
    /// </summary>
    public static void Prepare() => KernelConsole.Write(AutoWrap + Question);

    /// <summary>Asks and waits for the answer, at most 0.2 seconds.</summary>
    /// <returns>The size.</returns>
    public (int Columns, int Rows) Measure()
    {
        var answered = new Completion("terminal");
        Volatile.Write(ref _answered, answered);
        KernelConsole.Write(Question);
        answered.Wait(Clock.MonotonicNanoseconds + AnswerNanoseconds, WaitMode.Interruptible);
        return Size;
    }

    /// <summary>The terminal answered: the far corner is here. Sizes that no terminal has are ignored.</summary>
    public void Reported(int columns, int rows)
    {
        if (columns >= LeastColumns && rows >= LeastRows)
        {
            Volatile.Write(ref _columns, columns);
            Volatile.Write(ref _rows, rows);
        }

        Volatile.Read(ref _answered).CompleteAll();
    }
}
