namespace CosmosKernel.Modules.Loading;

/// <summary>One symbol of an object.</summary>
/// <param name="Name">Name; empty for a section's symbol.</param>
/// <param name="Section">Index of the section that it is in, or one of the constants.</param>
/// <param name="Value">Offset in the section, at most its length; or the value.</param>
/// <param name="IsGlobal">Whether others may bind to it.</param>
internal readonly record struct ElfSymbol(string Name, int Section, ulong Value, bool IsGlobal)
{
    /// <summary>It is somewhere else.</summary>
    public const int Undefined = 0;

    /// <summary>Its value is no address.</summary>
    public const int Absolute = 0xFFF1;
}
