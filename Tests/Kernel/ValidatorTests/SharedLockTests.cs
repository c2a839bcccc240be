using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Validation;

/// <summary>Reader-writer spin locks and sequence locks on all CPUs: what is written in two steps is never seen in one.</summary>
public static class SharedLockTests
{
    private const int Rounds = 2000;

    // Writers on all CPUs keep readers going round.
    private const int SequenceRounds = 100;

    private static ReaderWriterSpinLock s_readerWriter = new(LockClass.Test);
    private static IrqReaderWriterSpinLock s_irqReaderWriter = new(LockClass.PanicOutput);
    private static SequenceLock s_sequence = new(LockClass.RandomNumbers);
    private static long s_low;
    private static long s_high;

    /// <summary>Readers see both halves of a change or none; every write counts.</summary>
    [KernelTest("lock.reader_writer_spin_lock_excludes_writers")]
    public static void ReaderWriter()
    {
        s_low = s_high = 0;
        int writers = 0;
        TestTasks.OnEveryCpu(cpu =>
        {
            Interlocked.Increment(ref writers);
            for (int i = 0; i < Rounds; i++)
            {
                using (s_readerWriter.EnterRead())
                {
                    Check.Equal(s_low, s_high);
                }

                using (s_readerWriter.EnterWrite())
                {
                    s_low++;
                    s_high++;
                    Check.True(s_readerWriter.IsHeldForWritingHere);
                }

                using ReaderWriterSpinLock.ReadGuard attempt = s_readerWriter.TryEnterRead();
                Check.True(!attempt.Taken || s_low == s_high);
            }
        });
        Check.Equal((long)writers * Rounds, s_low);
        Check.False(s_readerWriter.IsHeld);
    }

    /// <summary>The same for the kind that turns interrupts off, with a timer's interrupt among the readers.</summary>
    [KernelTest("lock.irq_reader_writer_spin_lock_excludes_writers")]
    public static void IrqReaderWriter()
    {
        s_low = s_high = 0;
        TestTasks.OnEveryCpu(cpu =>
        {
            var reader = new ReadShot();
            for (int i = 0; i < Rounds; i++)
            {
                using (s_irqReaderWriter.EnterWrite())
                {
                    s_low++;
                    s_high++;
                }

                if (i % 100 == 0)
                {
                    reader.Fire();
                    Check.False(reader.SawHalf);
                }
            }
        });
        Check.Equal(s_low, s_high);
    }

    /// <summary>A reader under a stream of readers on the other CPUs and a writer: both get their turns, in any order, while the others go on.</summary>
    [KernelTest("lock.reader_writer_spin_lock_lets_writers_through")]
    public static void WriterAmongReaders()
    {
        bool written = false;
        TestTasks.OnEveryCpu(cpu =>
        {
            if (cpu == 0)
            {
                using (s_readerWriter.EnterWrite())
                {
                    Volatile.Write(ref written, true);
                }

                return;
            }

            // Ends only when the writer has come through.
            while (!Volatile.Read(ref written))
            {
                using (s_readerWriter.EnterRead())
                {
                    Thread.SpinWait(20);
                }
            }
        });
        Check.True(written);
    }

    /// <summary>Readers of a sequence lock never keep half a change, and writers exclude each other.</summary>
    [KernelTest("lock.sequence_lock_readers_keep_whole_values")]
    public static void Sequence()
    {
        s_low = s_high = 0;
        int cpus = 0;
        TestTasks.OnEveryCpu(cpu =>
        {
            Interlocked.Increment(ref cpus);
            for (int i = 0; i < SequenceRounds; i++)
            {
                long low = 0;
                long high = -1;
                foreach (int attempt in s_sequence.Read())
                {
                    low = Volatile.Read(ref s_low);
                    high = Volatile.Read(ref s_high);
                }

                Check.Equal(low, high);
                using (s_sequence.EnterWrite())
                {
                    s_low++;
                    s_high++;
                }
            }
        });
        Check.Equal((long)cpus * SequenceRounds, s_low);
    }

    /// <summary>A reader that finds a writer at work goes round again.</summary>
    [KernelTest("lock.sequence_lock_readers_try_again")]
    public static void SequenceRetries()
    {
        int rounds = 0;
        foreach (int attempt in s_sequence.Read())
        {
            Check.Equal(rounds, attempt);
            if (rounds++ == 0)
            {
                using (s_sequence.EnterWrite())
                {
                    s_low++;
                }
            }
        }

        Check.Equal(2, rounds);
    }

    // An interrupt among the readers.
    private sealed class ReadShot : Shot
    {
        public bool SawHalf { get; private set; }

        protected override void OnExpired(ulong now)
        {
            using (s_irqReaderWriter.EnterRead())
            {
                SawHalf |= s_low != s_high;
            }

            Done = true;
        }
    }
}
