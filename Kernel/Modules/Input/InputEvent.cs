namespace CosmosKernel.Modules.Input;

/// <summary>One change at an input device, as <c>struct input_event</c> tells it without its time (Linux, Documentation/input/event-codes.rst).</summary>
/// <param name="Type">One of <see cref="InputEventType"/>.</param>
/// <param name="Code">What changed: a code of that type.</param>
/// <param name="Value">To what: 0 or 1 (2: repeated) for keys, a distance for relative axes, a position for absolute ones.</param>
public readonly record struct InputEvent(ushort Type, ushort Code, int Value);
