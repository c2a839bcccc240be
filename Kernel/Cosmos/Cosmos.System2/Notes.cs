namespace Cosmos.System;

/// <summary>Notes of equal temperament with A4 at 440 Hz, as whole numbers of hertz; S marks a sharp.</summary>
public enum Notes
{
    /// <summary>A of octave 0.</summary>
    A0 = 28,

    /// <summary>A sharp of octave 0.</summary>
    AS0 = 29,

    /// <summary>B of octave 0.</summary>
    B0 = 31,

    /// <summary>C of octave 1.</summary>
    C1 = 33,

    /// <summary>C sharp of octave 1.</summary>
    CS1 = 35,

    /// <summary>D of octave 1.</summary>
    D1 = 37,

    /// <summary>D sharp of octave 1.</summary>
    DS1 = 39,

    /// <summary>E of octave 1.</summary>
    E1 = 41,

    /// <summary>F of octave 1.</summary>
    F1 = 44,

    /// <summary>F sharp of octave 1.</summary>
    FS1 = 46,

    /// <summary>G of octave 1.</summary>
    G1 = 49,

    /// <summary>G sharp of octave 1.</summary>
    GS1 = 52,

    /// <summary>A of octave 1.</summary>
    A1 = 55,

    /// <summary>A sharp of octave 1.</summary>
    AS1 = 58,

    /// <summary>B of octave 1.</summary>
    B1 = 62,

    /// <summary>C of octave 2.</summary>
    C2 = 65,

    /// <summary>C sharp of octave 2.</summary>
    CS2 = 69,

    /// <summary>D of octave 2.</summary>
    D2 = 73,

    /// <summary>D sharp of octave 2.</summary>
    DS2 = 78,

    /// <summary>E of octave 2.</summary>
    E2 = 82,

    /// <summary>F of octave 2.</summary>
    F2 = 87,

    /// <summary>F sharp of octave 2.</summary>
    FS2 = 92,

    /// <summary>G of octave 2.</summary>
    G2 = 98,

    /// <summary>G sharp of octave 2.</summary>
    GS2 = 104,

    /// <summary>A of octave 2.</summary>
    A2 = 110,

    /// <summary>A sharp of octave 2.</summary>
    AS2 = 117,

    /// <summary>B of octave 2.</summary>
    B2 = 123,

    /// <summary>C of octave 3.</summary>
    C3 = 131,

    /// <summary>C sharp of octave 3.</summary>
    CS3 = 139,

    /// <summary>D of octave 3.</summary>
    D3 = 147,

    /// <summary>D sharp of octave 3.</summary>
    DS3 = 156,

    /// <summary>E of octave 3.</summary>
    E3 = 165,

    /// <summary>F of octave 3.</summary>
    F3 = 175,

    /// <summary>F sharp of octave 3.</summary>
    FS3 = 185,

    /// <summary>G of octave 3.</summary>
    G3 = 196,

    /// <summary>G sharp of octave 3.</summary>
    GS3 = 208,

    /// <summary>A of octave 3.</summary>
    A3 = 220,

    /// <summary>A sharp of octave 3.</summary>
    AS3 = 233,

    /// <summary>B of octave 3.</summary>
    B3 = 247,

    /// <summary>C of octave 4.</summary>
    C4 = 262,

    /// <summary>C sharp of octave 4.</summary>
    CS4 = 277,

    /// <summary>D of octave 4.</summary>
    D4 = 294,

    /// <summary>D sharp of octave 4.</summary>
    DS4 = 311,

    /// <summary>E of octave 4.</summary>
    E4 = 330,

    /// <summary>F of octave 4.</summary>
    F4 = 349,

    /// <summary>F sharp of octave 4.</summary>
    FS4 = 370,

    /// <summary>G of octave 4.</summary>
    G4 = 392,

    /// <summary>G sharp of octave 4.</summary>
    GS4 = 415,

    /// <summary>A of octave 4.</summary>
    A4 = 440,

    /// <summary>A sharp of octave 4.</summary>
    AS4 = 466,

    /// <summary>B of octave 4.</summary>
    B4 = 494,

    /// <summary>C of octave 5.</summary>
    C5 = 523,

    /// <summary>C sharp of octave 5.</summary>
    CS5 = 554,

    /// <summary>D of octave 5.</summary>
    D5 = 587,

    /// <summary>D sharp of octave 5.</summary>
    DS5 = 622,

    /// <summary>E of octave 5.</summary>
    E5 = 659,

    /// <summary>F of octave 5.</summary>
    F5 = 698,

    /// <summary>F sharp of octave 5.</summary>
    FS5 = 739,

    /// <summary>G of octave 5.</summary>
    G5 = 783,

    /// <summary>G sharp of octave 5.</summary>
    GS5 = 830,

    /// <summary>A of octave 5.</summary>
    A5 = 880,

    /// <summary>A sharp of octave 5.</summary>
    AS5 = 932,

    /// <summary>B of octave 5.</summary>
    B5 = 987,

    /// <summary>C of octave 6.</summary>
    C6 = 1046,

    /// <summary>C sharp of octave 6.</summary>
    CS6 = 1108,

    /// <summary>D of octave 6.</summary>
    D6 = 1174,

    /// <summary>D sharp of octave 6.</summary>
    DS6 = 1244,

    /// <summary>E of octave 6.</summary>
    E6 = 1318,

    /// <summary>F of octave 6.</summary>
    F6 = 1396,

    /// <summary>F sharp of octave 6.</summary>
    FS6 = 1479,

    /// <summary>G of octave 6.</summary>
    G6 = 1567,

    /// <summary>G sharp of octave 6.</summary>
    GS6 = 1661,

    /// <summary>A of octave 6.</summary>
    A6 = 1760,

    /// <summary>A sharp of octave 6.</summary>
    AS6 = 1864,

    /// <summary>B of octave 6.</summary>
    B6 = 1975,

    /// <summary>What <see cref="PCSpeaker.Beep()"/> plays.</summary>
    Default = 800,
}
