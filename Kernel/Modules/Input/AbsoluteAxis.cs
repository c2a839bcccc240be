using System.Diagnostics.CodeAnalysis;

namespace CosmosKernel.Modules.Input;

/// <summary>What an absolute axis can report, as <c>struct input_absinfo</c> has it without the present value (EVIOCGABS).</summary>
/// <param name="Minimum">Lowest value.</param>
/// <param name="Maximum">Highest value.</param>
/// <param name="Fuzz">Changes below this are noise.</param>
/// <param name="Flat">Values this near to the centre mean the centre.</param>
/// <param name="Resolution">Units per millimetre; 0 unknown.</param>
[SuppressMessage("Naming", "CA1720", Justification = "The names are those of the interface.")]
public readonly record struct AbsoluteAxis(int Minimum, int Maximum, int Fuzz, int Flat, int Resolution);
