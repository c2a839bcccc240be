using System.Collections.Generic;
using System.Text;
using Cosmos.System.Graphics;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>A canvas without a screen.</summary>
internal sealed class TestCanvas : PixelCanvas
{
    private readonly Mode _mode;

    public TestCanvas(int width, int height)
    {
        _mode = new Mode(width, height, ColorDepth.ColorDepth32);
        Resize(width, height);
    }

    public override List<Mode> AvailableModes => [_mode];

    public override Mode DefaultGraphicsMode => _mode;

    public override Mode Mode
    {
        get => _mode;
        set => ThrowIfModeIsNotValid(value);
    }

    public override void Disable()
    {
    }

    public override void Display()
    {
    }

    public override string Name() => "test";

    /// <summary>The picture: a dot for each black pixel, else <c>#</c>; rows are lines.</summary>
    public string Picture()
    {
        var text = new StringBuilder();
        for (int y = 0; y < _mode.Rows; y++)
        {
            for (int x = 0; x < _mode.Columns; x++)
            {
                text.Append((GetRawPointColor(x, y) & 0xFFFFFF) == 0 ? '.' : '#');
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
