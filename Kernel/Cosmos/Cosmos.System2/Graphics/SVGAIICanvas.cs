using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>The screen as a canvas, by the name of a VMware device's. It draws on whatever screen there is, as <see cref="VBECanvas"/> does: drivers decide which. Task context.</summary>
[Owned]
public class SVGAIICanvas : DisplayCanvas
{
    /// <inheritdoc cref="DisplayCanvas()"/>
    [MightSleep]
    public SVGAIICanvas()
    {
    }

    /// <inheritdoc cref="DisplayCanvas(Mode?)"/>
    [MightSleep]
    public SVGAIICanvas(Mode mode)
        : base(mode)
    {
    }

    /// <inheritdoc/>
    public override string Name() => "VMWareSVGAII";
}
