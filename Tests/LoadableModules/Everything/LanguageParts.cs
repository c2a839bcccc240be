using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Modules.Testing;

namespace LoadableEverything;

internal static class LanguageParts
{
    private static int Zero { get; set; }

    public static void Collections()
    {
        var keyed = new Dictionary<Key, Circle> { [new Key(1, "x")] = new Circle(2) };
        Check.Equal(2.0, keyed[new Key(1, "x")].Radius);
        var named = new Dictionary<string, Key> { ["k"] = new Key(3, "y"), ["l"] = new Key(4, "z") };
        Check.Equal(4, named["l"].Number);
        var set = new HashSet<Key> { new(1, "a"), new(1, "a"), new(2, "b") };
        Check.Equal(2, set.Count);
        var sorted = new SortedDictionary<Key, string> { [new Key(9, "")] = "nine", [new Key(2, "")] = "two" };
        Check.Equal("two", sorted.First().Value);
        var queue = new PriorityQueue<Key, int>();
        queue.Enqueue(new Key(1, "late"), 5);
        queue.Enqueue(new Key(2, "early"), 1);
        Check.Equal("early", queue.Dequeue().Text);
        var concurrent = new ConcurrentDictionary<Key, int>();
        Check.Equal(7, concurrent.GetOrAdd(new Key(7, ""), k => k.Number));
        var list = new List<Key> { new(3, "c"), new(1, "a") };
        list.Sort();
        Check.Equal(1, list[0].Number);
        Key[] array = [.. list];
        Array.Reverse(array);
        Check.Equal(3, array[0].Number);
        var links = new LinkedList<Square>([new Square(1), new Square(2)]);
        Check.Equal(2.0, links.Last!.Value.Side);
    }

    public static void Linq()
    {
        IShape[] shapes = [new Circle(1), new Square(2), new Circle(3)];
        Check.Equal("4.0, 28.3", string.Join(", ", shapes.Where(s => s.Area > 3.5).OrderBy(s => s.Area).Select(s => $"{s.Area:F1}")));
        Check.Equal("Circle2 Square1", string.Join(' ', shapes.GroupBy(s => s.GetType().Name).OrderBy(g => g.Key).Select(g => g.Key + g.Count())));
        Dictionary<string, double> sums = shapes.GroupBy(s => s.GetType().Name).ToDictionary(g => g.Key, g => g.Sum(s => s.Area));
        Check.Equal(4.0, sums["Square"]);
        Check.Equal(45, Enumerable.Range(0, 10).Aggregate((a, b) => a + b));
        ILookup<int, Key> lookup = new[] { new Key(1, "a"), new Key(1, "b"), new Key(2, "c") }.ToLookup(k => k.Number);
        Check.Equal(2, lookup[1].Count());
        Check.Equal(6, new[] { 1, 2, 3 }.Zip(["x", "y", "z"]).Select(p => p.First * p.Second.Length).Sum());
        Check.Equal(3, shapes.Select((s, i) => (s, i)).Max(p => p.i) + 1);
        Check.True(shapes.OfType<Circle>().All(c => c.Radius > 0));
    }

    public static void Interfaces()
    {
        IShape[] shapes = [new Circle(1), new Square(2)];
        Check.Equal("a shape of 3.1", shapes[0].Describe());
        Check.Equal("a square", shapes[1].Describe());
        Check.True(shapes[0] is Circle { Radius: 1 });
        Check.True((object)shapes is IEnumerable<IShape>);
        IComparable<Key> comparable = new Key(1, "");
        Check.Equal(-1, comparable.CompareTo(new Key(2, "")));
        IEnumerable<object> covariant = new List<Square> { new(1) };
        Check.Equal(1, covariant.Count());
    }

    public static void GenericVirtualMethods()
    {
        IShape shape = new Square(3);
        Check.Equal("9", shape.Accept(s => s.Area.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Check.Equal(9, shape.Accept(s => (int)s.Area));
        Check.Equal(new Key(9, "k"), shape.Accept(s => new Key((int)s.Area, "k")));
        Box<Key> box = new LoudBox<Key>(new Key(5, "five"));
        Check.Equal("five", box.Map(k => k.Text));
        Check.Equal(5, box.Map(k => k.Number));
        Check.Equal(2.5, new Box<string>("ab").Map(s => new Circle(s.Length + 0.5)).Radius);
    }

    public static void StaticConstructors()
    {
        Check.Equal(2, Constructed.Table["b"]);
        Check.Equal(81, Constructed.Squares[9]);
        try
        {
            Check.Equal(0, NeverConstructed.Value);
            Check.Fail("the class constructor did not fail");
        }
        catch (TypeInitializationException failure)
        {
            Check.Equal("in the class constructor", failure.InnerException?.Message);
        }
    }

    public static void ThreadStatics()
    {
        int before = Box<int>.MadeHere;
        _ = new Box<int>(1);
        Check.Equal(before + 1, Box<int>.MadeHere);
        int other = -1;
        var thread = new Thread(() =>
        {
            _ = new Box<int>(2);
            other = Box<int>.MadeHere;
        });
        thread.Start();
        thread.Join();
        Check.Equal(1, other);
        Check.Equal(before + 1, Box<int>.MadeHere);
    }

    public static void Delegates()
    {
        int called = 0;
        Action action = () => called++;
        action += () => called += 10;
        action();
        Check.Equal(11, called);
        Func<int, Func<int, int>> add = a => b => a + b;
        Check.Equal(7, add(3)(4));
        Converter<Key, string> convert = static k => k.Text;
        Check.Equal("t", convert(new Key(0, "t")));
        Func<Circle, double> method = Area;
        Check.Equal(0.0, method(new Circle(0)));

        static double Area(IShape shape) => shape.Area;
    }

    public static void Filters()
    {
        string order = "";
        try
        {
            try
            {
                Throw(3);
            }
            catch (InvalidOperationException wrong) when (Note("filter1 ", wrong.Message == "4"))
            {
                order += "wrong ";
            }
            finally
            {
                order += "finally ";
            }
        }
        catch (InvalidOperationException right) when (Note("filter2 ", right.Message == "3"))
        {
            order += "caught";
        }

        Check.Equal("filter1 filter2 finally caught", order);

        bool Note(string text, bool result)
        {
            order += text;
            return result;
        }

        static void Throw(int number) => throw new InvalidOperationException($"{number}");
    }

    public static void Faults()
    {
        Expect<DivideByZeroException>(() => Check.Equal(0, 1 / Zero));
        Expect<NullReferenceException>(() => Check.Equal(0, Nothing<string>()!.Length));
        Expect<IndexOutOfRangeException>(() => Check.Equal(0, Constructed.Squares[10 + Zero]));
        Expect<InvalidCastException>(() => Check.Equal(0, ((Circle)(object)new Square(1)).Area));
        Expect<OverflowException>(() => Check.Equal(0, checked(int.MaxValue + Constructed.Squares[1])));
        Expect<ArrayTypeMismatchException>(() => ((object[])new string[1])[Zero] = new Square(1));
        Expect<KeyNotFoundException>(() => Check.Equal(0, Constructed.Table["none"]));

        static T? Nothing<T>() => default;

        static void Expect<T>(Action body)
            where T : Exception
        {
            try
            {
                body();
            }
            catch (T)
            {
                return;
            }

            Check.Fail($"no {typeof(T).Name}");
        }
    }

    public static void Iterators()
    {
        Check.SequenceEqual<int>([1, 1, 2, 3, 5, 8], Fibonacci().Take(6).ToArray());
        int disposed = 0;
        foreach (Key key in Keys())
        {
            if (key.Number == 2)
            {
                break;
            }
        }

        Check.Equal(1, disposed);

        IEnumerable<Key> Keys()
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    yield return new Key(i, "");
                }
            }
            finally
            {
                disposed++;
            }
        }

        static IEnumerable<int> Fibonacci()
        {
            (int a, int b) = (1, 1);
            while (true)
            {
                yield return a;
                (a, b) = (b, a + b);
            }
        }
    }
}
