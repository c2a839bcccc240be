using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace ModuleFigures;

/// <summary>What the loops make calls on.</summary>
internal abstract class Shape : IComparer<int>
{
    /// <summary>Does next to nothing.</summary>
    public abstract int Sides(int number);

    /// <inheritdoc/>
    public abstract int Compare(int x, int y);
}

/// <summary>One kind.</summary>
internal sealed class Circle : Shape
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override int Sides(int number) => number;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override int Compare(int x, int y) => x - y;
}

/// <summary>Another kind.</summary>
internal sealed class Square : Shape
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override int Sides(int number) => number + 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override int Compare(int x, int y) => y - x;
}
