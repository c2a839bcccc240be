using System;
using System.Globalization;
using System.Linq;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using LoadableShapes;

namespace LoadableShapesUser;

/// <summary>Uses another module's types in each way that there is.</summary>
[Module("shapes_user", Description = "uses the types of shapes", License = "MIT", Author = "CosmosKernel", DependsOn = ["shapes >= 2.0"])]
public sealed class ShapesUserModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        Check.Equal(1, ShapeRegistry.Count);
        var square = new Square(2);
        ShapeRegistry.Add(square);
        Check.Equal(2, ShapeRegistry.Count);
        Check.Equal("Square", square.Name);
        Check.Equal("4.00", ShapeRegistry.All.OfType<Shape>().Last().Accept(s => s.Area.ToString("F2", CultureInfo.InvariantCulture)));
        Check.Equal(2, ShapeRegistry.All.Count(s => s is Shape));
        try
        {
            ShapeRegistry.Add(new Square(0));
            throw new InvalidOperationException("nothing was thrown");
        }
        catch (ShapeException refused) when (refused.Message == "area 0.0")
        {
            context.Log.Info("the exception of the other module was caught");
        }

        var pair = new Pair<Square>(square, square);
        _ = new Pair<string>("a", "b");
        Check.Equal(1, Pair<Square>.Made);
        Check.Equal(1, Pair<string>.Made);
        Check.Equal(4.0, pair.Second.Area);
        Check.Equal("b", NameOf(new Label("b")));
        Check.Equal(1, Order(new Label("b"), new Label("a")));
        context.Log.Info($"{ShapeRegistry.All.Sum(s => s.Area):F2}");
    }

    private static string NameOf(INamed<Label> named) => named.Label.Text;

    private static int Order(IComparable<Label> left, Label right) => left.CompareTo(right);

    private sealed class Square(double side) : Shape
    {
        public override double Area => side * side;
    }
}
