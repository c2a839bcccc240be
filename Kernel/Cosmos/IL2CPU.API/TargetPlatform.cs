namespace IL2CPU.API;

/// <summary>Processors that IL2CPU's attributes can name. This kernel runs on x86-64 only.</summary>
public enum TargetPlatform
{
    /// <summary>32-bit Intel and AMD processors.</summary>
    x86,

    /// <summary>64-bit Intel and AMD processors.</summary>
    x64,

    /// <summary>32-bit ARM processors.</summary>
    ARM,
}
