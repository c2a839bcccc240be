namespace Cosmos.System;

/// <summary>Lengths of notes, in milliseconds.</summary>
public enum Durations
{
    /// <summary>A whole note.</summary>
    Whole = 1600,

    /// <summary>Half of it.</summary>
    Half = Whole / 2,

    /// <summary>A fourth.</summary>
    Quarter = Half / 2,

    /// <summary>An eighth.</summary>
    Eighth = Quarter / 2,

    /// <summary>A sixteenth.</summary>
    Sixteenth = Eighth / 2,

    /// <summary>What is played when nobody says how long.</summary>
    Default = 200,
}
