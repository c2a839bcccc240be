using System;
using System.Collections.Generic;

namespace LoadableEverything;

internal interface IShape
{
    double Area { get; }

    string Describe() => $"a shape of {Area:F1}";

    T Accept<T>(Func<IShape, T> visitor);
}

internal readonly record struct Key(int Number, string Text) : IComparable<Key>
{
    public int CompareTo(Key other) => Number.CompareTo(other.Number);
}

internal sealed record Circle(double Radius) : IShape
{
    public double Area => Math.PI * Radius * Radius;

    public T Accept<T>(Func<IShape, T> visitor) => visitor(this);
}

internal sealed record Square(double Side) : IShape
{
    public double Area => Side * Side;

    public string Describe() => "a square";

    public T Accept<T>(Func<IShape, T> visitor) => visitor(this);
}

internal class Box<T>(T value)
    where T : notnull
{
    [ThreadStatic]
    private static int t_made;

    public static int MadeHere => t_made;

    public T Value { get; } = Count(value);

    public virtual TResult Map<TResult>(Func<T, TResult> function) => function(Value);

    private static T Count(T given)
    {
        t_made++;
        return given;
    }
}

internal sealed class LoudBox<T>(T value) : Box<T>(value)
    where T : notnull
{
    public override TResult Map<TResult>(Func<T, TResult> function) => base.Map(function);
}

internal enum Colour
{
    Red,
    Green = 5,
    Blue,
}

internal static class Constructed
{
    public static readonly Dictionary<string, int> Table = new() { ["a"] = 1, ["b"] = 2 };

    public static readonly int[] Squares = Make();

    private static int[] Make()
    {
        var squares = new int[10];
        for (int i = 0; i < squares.Length; i++)
        {
            squares[i] = i * i;
        }

        return squares;
    }
}

internal static class NeverConstructed
{
    public static readonly int Value = Fail();

    private static int Fail() => throw new InvalidOperationException("in the class constructor");
}

internal sealed class Finalized(Action whenDone)
{
    ~Finalized() => whenDone();
}
