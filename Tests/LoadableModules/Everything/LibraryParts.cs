using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;

namespace LoadableEverything;

internal static class LibraryParts
{
    public static void Formatting()
    {
        Check.Equal("0x2a 3.14 Key { Number = 1, Text = a }", string.Create(CultureInfo.InvariantCulture, $"0x{42:x} {Math.PI:F2} {new Key(1, "a")}"));
        Check.Equal("Green 5", $"{Colour.Green} {Colour.Green:D}");
        Check.Equal(Colour.Blue, Enum.Parse<Colour>("Blue"));
        var text = new StringBuilder();
        text.AppendJoin('-', Enumerable.Range(0, 5)).Append(' ').AppendFormat(CultureInfo.InvariantCulture, "{0:N0}", 1234567);
        Check.Equal("0-1-2-3-4 1,234,567", text.ToString());
        Check.Equal(new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc), DateTime.Parse("2026-01-02T00:00:00Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));
        Check.Equal("a1b", string.Concat("a", 1, 'b'));
        Check.Equal(255, int.Parse("ff", NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Check.Equal("00:01:30", TimeSpan.FromSeconds(90).ToString());
        Check.Equal("ÄÖ", "äö".ToUpperInvariant());
        Check.Equal(8, Encoding.UTF8.GetByteCount("äö€x"));
        Check.Equal(36, Guid.NewGuid().ToString().Length);
    }

    public static void Regexes()
    {
        Check.Equal("a#b#", Regex.Replace("a1b22", @"\d+", "#"));
        Match match = new Regex(@"(?<key>\w+)=(?<value>\d+)").Match("size=42;");
        Check.Equal("42", match.Groups["value"].Value);
    }

    public static void Async()
    {
        Check.Equal(42, RunAsync().GetAwaiter().GetResult());
        Task<Key>[] tasks = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => new Key(i, "t")))];
        Task.WaitAll(tasks);
        Check.Equal(6, tasks.Sum(t => t.Result.Number));
        try
        {
            FailAsync().GetAwaiter().GetResult();
            Check.Fail("nothing was thrown");
        }
        catch (InvalidOperationException failure)
        {
            Check.Equal("late", failure.Message);
        }

        Check.Equal(3, CountAsync().GetAwaiter().GetResult());
        using var source = new CancellationTokenSource();
        Task waiting = Task.Delay(Timeout.Infinite, source.Token);
        source.Cancel();
        Check.True(Task.WhenAny(waiting).GetAwaiter().GetResult().IsCanceled);

        static async Task<int> RunAsync()
        {
            await Task.Delay(1);
            await Task.Yield();
            return await Task.Run(() => 42);
        }

        static async Task FailAsync()
        {
            await Task.Delay(1).ConfigureAwait(false);
            throw new InvalidOperationException("late");
        }

        static async Task<int> CountAsync()
        {
            int sum = 0;
            await foreach (Key key in KeysAsync())
            {
                sum += key.Number;
            }

            return sum;
        }

        static async IAsyncEnumerable<Key> KeysAsync()
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Yield();
                yield return new Key(i, "");
            }
        }
    }

    public static void Locks()
    {
        var gate = new object();
        var modern = new Lock();
        int count = 0;
        int atomic = 0;
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                lock (gate)
                {
                    lock (modern)
                    {
                        count++;
                    }
                }

                Interlocked.Increment(ref atomic);
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Check.Equal(600, count);
        Check.Equal(600, atomic);
    }

    public static void Spans()
    {
        Span<Key> keys = [new Key(3, "c"), new Key(1, "a")];
        keys.Sort();
        Check.Equal("a", keys[0].Text);
        Span<int> numbers = stackalloc int[100];
        numbers.Fill(3);
        Check.Equal(100, numbers.Count(3));
        Check.Equal(2, "one,two".AsSpan().IndexOf('e'));
        (int from, int to) = (1, 3);
        Check.Equal("bc", "abcd"[from..to]);
        Memory<byte> memory = new byte[16];
        memory.Span[3] = 9;
        Check.Equal(3, memory.Span.IndexOf((byte)9));
    }

    public static void Reflection()
    {
        Check.Equal("LoadableEverything.Key", typeof(Key).FullName);
        Check.True(typeof(Box<Key>).IsGenericType);
        Check.Equal(typeof(Box<string>), new Box<string>("").GetType());
        Check.True(typeof(Circle).IsAssignableTo(typeof(IShape)));
        Check.Equal("Red,Green,Blue", string.Join(',', Enum.GetNames<Colour>()));
        Check.Equal(typeof(List<Key>), new List<Key>().GetType());
        Check.True(EqualityComparer<Key>.Default.Equals(new Key(1, "a"), new Key(1, "a")));
    }

    public static void Finalizers()
    {
        using var done = new ManualResetEventSlim();
        Forget(done);
        for (int i = 0; i < 50 && !done.IsSet; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Overwrite(100);
        }

        Check.True(done.IsSet);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget(ManualResetEventSlim done) => _ = new Finalized(done.Set);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static int Overwrite(int depth) => depth == 0 ? 0 : Overwrite(depth - 1) + 1;
    }

    public static void StackTraces()
    {
        try
        {
            Inner();
        }
        catch (InvalidOperationException failure)
        {
            Check.True(failure.StackTrace!.Contains("LoadableEverything.LibraryParts", StringComparison.Ordinal));
            return;
        }

        Check.Fail("nothing was thrown");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Inner() => throw new InvalidOperationException("traced");
    }
}
