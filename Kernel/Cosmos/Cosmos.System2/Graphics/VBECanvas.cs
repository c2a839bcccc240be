using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>The screen as a canvas: a linear framebuffer, whoever set its mode. Task context.</summary>
[Owned]
public class VBECanvas : DisplayCanvas
{
    /// <inheritdoc cref="DisplayCanvas()"/>
    [MightSleep]
    public VBECanvas()
    {
    }

    /// <inheritdoc cref="DisplayCanvas(Mode?)"/>
    [MightSleep]
    public VBECanvas(Mode mode)
        : base(mode)
    {
    }

    /// <inheritdoc/>
    public override string Name() => "VBECanvas";
}
