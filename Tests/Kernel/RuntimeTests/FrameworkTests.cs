using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>The parts of the framework that kernels and modules use.</summary>
public static class FrameworkTests
{
    [ThreadStatic]
    private static int t_number;

    [ThreadStatic]
    private static List<string>? t_list;

    [Flags]
    private enum Colors
    {
        None = 0,
        Red = 1,
        Green = 2,
        Blue = 4,
    }

    [KernelTest("runtime.framework.string_formatting")]
    public static void Formatting()
    {
        Check.Equal("42|  42|42  |0042|2A|4.2E+001", string.Create(CultureInfo.InvariantCulture, $"{42}|{42,4}|{42,-4}|{42:D4}|{42:X}|{42.0:E1}"));
        Check.Equal("1,234,567.89", 1234567.891.ToString("N2", CultureInfo.InvariantCulture));
        Check.Equal("0.1", 0.1.ToString(CultureInfo.InvariantCulture));
        Check.Equal("5E-324", double.Epsilon.ToString(CultureInfo.InvariantCulture));
        Check.Equal("3.1415927", 3.14159274f.ToString(CultureInfo.InvariantCulture));
        Check.Equal("-9223372036854775808", long.MinValue.ToString(CultureInfo.InvariantCulture));
        Check.Equal("a-b-c", string.Join('-', "a,b,c".Split(',')));
        Check.Equal(1.7976931348623157E+308, double.Parse("1.7976931348623157E+308", CultureInfo.InvariantCulture));
        Check.Equal("ÄÖÜ", "äöü".ToUpperInvariant());
        Check.True("straße".Contains("SSE", StringComparison.OrdinalIgnoreCase) == false);
    }

    [KernelTest("runtime.framework.decimal_arithmetic")]
    public static void Decimals()
    {
        Check.Equal(0.3m, 0.1m + 0.2m);
        Check.Equal("79228162514264337593543950335", decimal.MaxValue.ToString(CultureInfo.InvariantCulture));
        Check.Equal(0.3333333333333333333333333333m, 1m / 3m);
        Check.Equal(2.35m, decimal.Round(2.345m, 2, MidpointRounding.AwayFromZero));
        _ = Check.Throws<OverflowException>(() => _ = decimal.Parse("79228162514264337593543950335", CultureInfo.InvariantCulture) * 2);
    }

    [KernelTest("runtime.framework.dictionary_with_many_keys")]
    public static void Dictionaries()
    {
        var numbers = new Dictionary<string, int>();
        for (int i = 0; i < 5000; i++)
        {
            numbers["key" + i] = i;
        }

        for (int i = 0; i < 5000; i += 2)
        {
            Check.True(numbers.Remove("key" + i));
        }

        Check.Equal(2500, numbers.Count);
        Check.Equal(4999, numbers["key4999"]);
        Check.False(numbers.ContainsKey("key4998"));
        _ = Check.Throws<KeyNotFoundException>(() => _ = numbers["missing"]);
        var byPoint = new Dictionary<(int, string), List<int>> { [(1, "a")] = [1, 2] };
        Check.Equal(2, byPoint[(1, "a")].Count);
        var sorted = new SortedDictionary<int, string> { [3] = "c", [1] = "a", [2] = "b" };
        Check.Equal("abc", string.Concat(sorted.Values));
        var concurrent = new ConcurrentDictionary<int, int>();
        Check.Equal(5, concurrent.GetOrAdd(1, 5));
        Check.Equal(6, concurrent.AddOrUpdate(1, 0, (_, old) => old + 1));
    }

    [KernelTest("runtime.framework.collections")]
    public static void Collections()
    {
        var queue = new Queue<int>(Enumerable.Range(0, 10));
        var stack = new Stack<int>();
        while (queue.TryDequeue(out int n))
        {
            stack.Push(n);
        }

        Check.Equal(9, stack.Pop());
        var heap = new PriorityQueue<string, int>();
        heap.Enqueue("low", 5);
        heap.Enqueue("high", 1);
        Check.Equal("high", heap.Dequeue());
        var set = new HashSet<int> { 1, 2, 3 };
        set.IntersectWith([2, 3, 4]);
        Check.Equal(2, set.Count);
        var linked = new LinkedList<char>("abc");
        _ = linked.AddAfter(linked.First!, 'x');
        Check.Equal("axbc", string.Concat(linked));
        int[] numbers = [5, 3, 9, 1, 7];
        Array.Sort(numbers, (a, b) => b.CompareTo(a));
        Check.SequenceEqual([9, 7, 5, 3, 1], numbers);
        Check.Equal(-3, Array.BinarySearch([1, 3, 7], 5));
    }

    [KernelTest("runtime.framework.linq")]
    public static void Linq()
    {
        var words = new[] { "kernel", "task", "lock", "interrupt", "page", "frame" };
        Check.Equal("frame interrupt kernel lock page task", string.Join(' ', words.OrderBy(w => w, StringComparer.Ordinal)));
        Check.Equal("4:task,lock,page;5:frame;6:kernel;9:interrupt", string.Join(';', words.GroupBy(w => w.Length).OrderBy(g => g.Key).Select(g => g.Key + ":" + string.Join(',', g))));
        Check.Equal(338350, Enumerable.Range(1, 100).Select(n => n * n).Sum());
        Check.Equal(25, Enumerable.Range(2, 99).Count(n => Enumerable.Range(2, n - 2).All(d => n % d != 0)));
        var joined = from w in words join n in Enumerable.Range(4, 3) on w.Length equals n select w + n;
        Check.Equal(5, joined.Count());
        Check.Equal(28, words.Aggregate(0, (sum, w) => sum + w.Length) - 4);
        Check.SequenceEqual([1, 2, 3], new[] { 3, 1, 2, 3 }.Distinct().Order().ToArray());
        Check.Equal(3, words.Zip(Enumerable.Range(0, 3)).ToDictionary(p => p.First, p => p.Second).Count);
        Check.Equal("task", words.MinBy(w => w[1])!);
    }

    [KernelTest("runtime.framework.regular_expressions")]
    public static void RegularExpressions()
    {
        Match match = Regex.Match("eth0: 192.168.1.20/24 up", @"(?<ip>\d+(?:\.\d+){3})/(?<bits>\d+)");
        Check.True(match.Success);
        Check.Equal("192.168.1.20", match.Groups["ip"].Value);
        Check.Equal("24", match.Groups["bits"].Value);
        Check.Equal("K3 P2", Regex.Replace("kkk pp", @"(\w)\1*", m => char.ToUpperInvariant(m.Value[0]).ToString() + m.Length));
        Check.Equal(3, Regex.Matches("one two  three", @"\b\w+\b").Count);
        Check.False(Regex.IsMatch("abc", "^[d-z]+$", RegexOptions.IgnoreCase));
    }

    [KernelTest("runtime.framework.dates_and_durations")]
    public static void Dates()
    {
        var date = new DateTime(2024, 2, 29, 23, 59, 59, DateTimeKind.Utc);
        Check.Equal("2024-03-01T00:00:00.0000000Z", date.AddSeconds(1).ToString("O"));
        Check.Equal(DayOfWeek.Thursday, date.DayOfWeek);
        Check.Equal(new TimeSpan(366, 0, 0, 0), new DateTime(2025, 1, 1) - new DateTime(2024, 1, 1));
        Check.Equal(1709251199, new DateTimeOffset(date).ToUnixTimeSeconds());
        Check.Equal(date, DateTime.Parse("2024-02-29 23:59:59Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));
        Check.InRange(new DateTime(1970, 1, 1), new DateTime(2200, 1, 1), DateTime.UtcNow);
        Check.Equal(TimeSpan.Zero, TimeZoneInfo.Local.GetUtcOffset(DateTime.UtcNow));
    }

    [KernelTest("runtime.framework.random_numbers")]
    public static void RandomNumbers()
    {
        Check.Equal(new Random(42).Next(), new Random(42).Next());
        var seen = new HashSet<int>();
        for (int i = 0; i < 100; i++)
        {
            _ = seen.Add(Random.Shared.Next());
        }

        Check.InRange(95, 100, seen.Count);
        Check.InRange(0, 9, Random.Shared.Next(10));
        Check.False(Guid.NewGuid() == Guid.NewGuid());
    }

    [KernelTest("runtime.framework.a_stopwatch_goes_forward")]
    public static void Stopwatches()
    {
        long last = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++)
        {
            long now = Stopwatch.GetTimestamp();
            Check.True(now >= last);
            last = now;
        }

        Check.Equal(1_000_000_000L, Stopwatch.Frequency);
    }

    [KernelTest("runtime.framework.the_console_writes")]
    public static void Consoles()
    {
        Console.WriteLine("System.Console writes: {0}, {1:F2}, {2}", 42, 3.14159, "äöü");
        Console.Error.WriteLine("System.Console writes errors too");
        Check.Equal("utf-8", Console.OutputEncoding.WebName);
    }

    [KernelTest("runtime.framework.the_console_knows_its_terminal")]
    public static void ConsoleColors()
    {
        // Colors and cursor commands are escape sequences of the terminal's description.
        Console.ForegroundColor = ConsoleColor.Green;
        Console.BackgroundColor = ConsoleColor.DarkBlue;
        Check.Equal(ConsoleColor.Green, Console.ForegroundColor);
        Console.Write("System.Console writes in color");
        Console.ResetColor();
        Console.WriteLine();
        Check.False(Console.IsOutputRedirected);
        Check.InRange(1, 1000, Console.WindowWidth);
    }

    [KernelTest("runtime.framework.iterators_and_enumerators")]
    public static void Iterators()
    {
        static IEnumerable<long> Fibonacci()
        {
            (long a, long b) = (0, 1);
            while (true)
            {
                yield return a;
                (a, b) = (b, a + b);
            }
        }

        Check.SequenceEqual<long>([0, 1, 1, 2, 3, 5, 8, 13, 21, 34], Fibonacci().Take(10).ToArray());
        Check.Equal(12586269025, Fibonacci().ElementAt(50));
    }

    [KernelTest("runtime.framework.text_encodings_and_builders")]
    public static void Text()
    {
        string text = "Größe: 10 µm, 漢字, 🙂";
        Check.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        Check.Equal(text, Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(text)));
        Check.Equal("Q29zbW9z", Convert.ToBase64String("Cosmos"u8));
        Check.Equal("00FF10", Convert.ToHexString([0, 255, 16]));
        var builder = new StringBuilder();
        for (int i = 0; i < 1000; i++)
        {
            _ = builder.Append(i).Append(' ');
        }

        Check.Equal(3890, builder.Length);
        Check.Equal("999 ", builder.ToString()[^4..]);
    }

    [KernelTest("runtime.framework.big_integers")]
    public static void BigIntegers()
    {
        BigInteger factorial = BigInteger.One;
        for (int i = 2; i <= 50; i++)
        {
            factorial *= i;
        }

        Check.Equal("30414093201713378043612608166064768844377641568960512000000000000", factorial.ToString(CultureInfo.InvariantCulture));
        Check.Equal(BigInteger.Parse("1267650600228229401496703205376", CultureInfo.InvariantCulture), BigInteger.Pow(2, 100));
        Check.Equal(BigInteger.One, BigInteger.ModPow(3, 1_000_006, 1_000_007) * 0 + 1);
    }

    [KernelTest("runtime.framework.enums")]
    public static void Enums()
    {
        Check.Equal("Red, Blue", (Colors.Red | Colors.Blue).ToString());
        Check.Equal(Colors.Green | Colors.Blue, Enum.Parse<Colors>("Green, Blue"));
        Check.True(Enum.IsDefined(Colors.Red));
        Check.Equal("None,Red,Green,Blue", string.Join(',', Enum.GetNames<Colors>()));
    }

    [KernelTest("runtime.framework.spans_and_pools")]
    public static void Spans()
    {
        Span<int> numbers = stackalloc int[100];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (i * 37) % 100;
        }

        numbers.Sort();
        Check.Equal(50, numbers[50]);
        Check.Equal(99, numbers.IndexOf(99));
        numbers[..50].CopyTo(numbers[25..]);
        Check.Equal(24, numbers[49]);
        numbers[25..75].CopyTo(numbers);
        Check.Equal(49, numbers[49]);
        byte[] rented = ArrayPool<byte>.Shared.Rent(1000);
        rented.AsSpan().Fill(0xAB);
        Check.True(rented.AsSpan().IndexOfAnyExcept((byte)0xAB) < 0);
        ArrayPool<byte>.Shared.Return(rented);
        Check.Equal(3, "a,b,,c".AsSpan().Count(','));
    }

    [KernelTest("runtime.framework.copies_and_fills_of_every_length_and_overlap")]
    public static void MemoryRoutines()
    {
        byte[] source = new byte[400];
        byte[] expected = new byte[400];
        for (int length = 0; length < 200; length++)
        {
            for (int shift = -70; shift <= 70; shift += 7)
            {
                for (int i = 0; i < source.Length; i++)
                {
                    source[i] = expected[i] = (byte)(i * 7);
                }

                for (int i = 0; i < length; i++)
                {
                    expected[100 + shift + i] = (byte)((100 + i) * 7);
                }

                Buffer.BlockCopy(source, 100, source, 100 + shift, length);
                Check.True(source.AsSpan().SequenceEqual(expected), $"copy of {length} bytes by {shift}");
            }

            source.AsSpan(100, length).Fill((byte)length);
            Check.True(source.AsSpan(100, length).IndexOfAnyExcept((byte)length) < 0 && (length == 0 || source[100 + length] == expected[100 + length]), $"fill of {length} bytes");
        }
    }

    [KernelTest("runtime.framework.thread_statics_and_static_constructors")]
    public static void Statics()
    {
        t_number = 7;
        t_list ??= [];
        t_list.Add("x");
        Check.Equal(7, t_number);
        Check.InRange(1, int.MaxValue, t_list.Count);
        Check.Equal("Lazy", LazyStatic.Name);
        Check.Equal(1, LazyStatic.Runs);
        var lazy = new Lazy<int>(() => 5);
        Check.False(lazy.IsValueCreated);
        Check.Equal(5, lazy.Value);
    }

    [KernelTest("runtime.framework.locks_and_atomics")]
    public static void Locks()
    {
        object gate = new();
        lock (gate)
        {
            lock (gate)
            {
                Check.True(Monitor.IsEntered(gate));
            }
        }

        Check.False(Monitor.IsEntered(gate));
        var modern = new Lock();
        using (modern.EnterScope())
        {
            Check.True(modern.IsHeldByCurrentThread);
        }

        _ = Check.Throws<SynchronizationLockException>(() => Monitor.Exit(gate));
        int number = 5;
        Check.Equal(6, Interlocked.Increment(ref number));
        Check.Equal(6, Interlocked.CompareExchange(ref number, 10, 6));
        Check.Equal(10, Interlocked.Exchange(ref number, 20));
        long big = 1L << 40;
        Check.Equal((1L << 40) + 5, Interlocked.Add(ref big, 5));
        string? text = "a";
        Check.Equal("a", Interlocked.CompareExchange(ref text, "b", "a"));
        Check.Equal("b", Volatile.Read(ref text));
        Check.True(Environment.CurrentManagedThreadId > 0);
    }

    [KernelTest("runtime.framework.hashes")]
    public static void Hashes()
    {
        Check.Equal("a".GetHashCode(StringComparison.Ordinal), ("" + 'a').GetHashCode(StringComparison.Ordinal));
        Check.True(HashCode.Combine(1, 2) == HashCode.Combine(1, 2));
        Check.Equal(BitOperations.PopCount(0xFFu), 8);
        Check.Equal(RuntimeHelpers.GetHashCode(Gate), RuntimeHelpers.GetHashCode(Gate));
    }

    [KernelTest("runtime.framework.there_are_no_files")]
    public static void Files()
    {
        Check.False(File.Exists("/etc/passwd"));
        _ = Check.Throws<FileNotFoundException>(() => _ = File.ReadAllText("/missing"));
        Check.Equal("c.txt", Path.GetFileName("/a/b/c.txt"));
        Check.Equal("/", Environment.CurrentDirectory);
    }

    [KernelTest("runtime.framework.the_environment")]
    public static void Environments()
    {
        Check.InRange(1, 255, Environment.ProcessorCount);
        Check.True(Environment.Is64BitProcess);
        Check.Equal<string?>(null, Environment.GetEnvironmentVariable("PATH"));
        Check.Equal(1, Environment.GetEnvironmentVariables().Count);
        Check.Equal("cosmos", Environment.GetEnvironmentVariable("TERM"));
        Check.Equal(4096, Environment.SystemPageSize);
        Check.Equal("cosmoskernel", Environment.MachineName);
        Check.True(OperatingSystem.IsLinux());
    }

    [KernelTest("runtime.framework.mathematics")]
    public static void Mathematics()
    {
        Check.Equal(1.0, Math.Sin(Math.PI / 2));
        Check.Equal(1024.0, Math.Pow(2, 10));
        Check.Equal(3.0, Math.Cbrt(27));
        Check.Equal(2.0, Math.Log10(100));
        Check.InRange(2.718281828459044, 2.718281828459046, Math.Exp(1));
        Check.Equal(-2, (int)Math.Floor(-1.5));
        Check.Equal(int.MaxValue, (int)Math.Min(int.MaxValue, 1e20));
        Check.Equal(new Vector3(5, 7, 9), new Vector3(1, 2, 3) + new Vector3(4, 5, 6));
    }

    private static readonly object Gate = new();

    private static class LazyStatic
    {
        static LazyStatic()
        {
            Runs++;
            Name = "Lazy";
        }

        public static string Name { get; }

        [Immutable]
        public static int Runs { get; private set; }
    }
}
