using System;
using System.Collections.Generic;
using CosmosKernel.Modules;

namespace LoadableShapes;

/// <summary>A module whose types others use: an interface, a class to derive from, generic types, statics.</summary>
[Module("shapes", Version = "2.1.0", Description = "types for other modules", License = "MIT", Author = "CosmosKernel")]
public sealed class ShapesModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        ShapeRegistry.Add(new Circle(1));
        context.Log.Info($"{ShapeRegistry.Count} shape");
    }
}

/// <summary>Something with an area.</summary>
public interface IShape
{
    /// <summary>Its area.</summary>
    double Area { get; }

    /// <summary>A generic virtual call across modules.</summary>
    T Accept<T>(Func<IShape, T> visitor);
}

/// <summary>A generic interface that only other modules call.</summary>
/// <typeparam name="T">What it gives.</typeparam>
public interface INamed<T>
{
    /// <summary>Its name.</summary>
    T Label { get; }
}

/// <summary>A structure that implements a generic interface over itself.</summary>
/// <param name="Text">A text.</param>
public readonly record struct Label(string Text) : INamed<Label>, IComparable<Label>
{
    Label INamed<Label>.Label => this;

    /// <inheritdoc/>
    public int CompareTo(Label other) => string.CompareOrdinal(Text, other.Text);
}

/// <summary>What shapes have in common.</summary>
public abstract class Shape : IShape
{
    /// <inheritdoc/>
    public abstract double Area { get; }

    /// <summary>Its name.</summary>
    public virtual string Name => GetType().Name;

    /// <inheritdoc/>
    public T Accept<T>(Func<IShape, T> visitor) => visitor(this);
}

/// <summary>A circle.</summary>
/// <param name="radius">Its radius.</param>
public sealed class Circle(double radius) : Shape
{
    /// <inheritdoc/>
    public override double Area => Math.PI * radius * radius;
}

/// <summary>A generic type of the module, with a static field for each instantiation.</summary>
/// <typeparam name="T">What it holds.</typeparam>
public sealed class Pair<T>(T first, T second)
{
    private static int s_made;

    /// <summary>How many of this instantiation were made.</summary>
    public static int Made => s_made;

    /// <summary>The first.</summary>
    public T First { get; } = first;

    /// <summary>The second.</summary>
    public T Second { get; } = Count(second);

    private static T Count(T value)
    {
        s_made++;
        return value;
    }
}

/// <summary>A value that is thrown over the border between modules.</summary>
public sealed class ShapeException(string message) : Exception(message);

/// <summary>State that all users share.</summary>
public static class ShapeRegistry
{
    private static readonly List<IShape> s_shapes = [];

    /// <summary>How many there are.</summary>
    public static int Count => s_shapes.Count;

    /// <summary>All.</summary>
    public static IEnumerable<IShape> All => s_shapes;

    /// <summary>Adds one; refuses those without area.</summary>
    /// <exception cref="ShapeException">Its area is not positive.</exception>
    public static void Add(IShape shape)
    {
        if (shape.Area <= 0)
        {
            throw new ShapeException($"area {shape.Area:F1}");
        }

        s_shapes.Add(shape);
    }
}
