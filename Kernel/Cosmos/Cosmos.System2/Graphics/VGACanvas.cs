using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>The screen as a canvas, by the name of a VGA's. It draws on whatever screen there is, as <see cref="VBECanvas"/> does, and has its modes and colours. Task context.</summary>
[Owned]
public class VGACanvas : DisplayCanvas
{
    /// <inheritdoc cref="DisplayCanvas()"/>
    [MightSleep]
    public VGACanvas()
    {
    }

    /// <inheritdoc cref="DisplayCanvas(Mode?)"/>
    [MightSleep]
    public VGACanvas(Mode mode)
        : base(mode)
    {
    }

    /// <inheritdoc/>
    public override string Name() => "VGACanvas";
}
