namespace CosmosKernel.Drivers.Mouse;

/// <summary>What one packet says.</summary>
/// <param name="X">Movement to the right, in counts.</param>
/// <param name="Y">Movement down, in counts.</param>
/// <param name="Wheel">Steps of the wheel, away from the user positive.</param>
/// <param name="Buttons">Bit 0 left, 1 right, 2 middle, 3 side, 4 extra.</param>
internal readonly record struct MouseState(int X, int Y, int Wheel, int Buttons);
