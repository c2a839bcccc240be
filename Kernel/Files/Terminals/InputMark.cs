namespace CosmosKernel.Files.Terminals;

/// <summary>What a device says of a byte that came. The settings decide what becomes of it (termios(3): IGNBRK, BRKINT, IGNPAR, PARMRK, INPCK).</summary>
public enum InputMark : byte
{
    /// <summary>It came whole.</summary>
    None,

    /// <summary>No byte: the line was kept at 0 for longer than a byte takes. The byte is 0.</summary>
    Break,

    /// <summary>Its parity was wrong.</summary>
    Parity,

    /// <summary>Its stop bit was missing.</summary>
    Frame,
}
