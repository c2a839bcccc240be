namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>What an instruction does to the flow of control.</summary>
internal enum Flow : byte
{
    /// <summary>The next instruction follows.</summary>
    Next,

    /// <summary>A call of a relative target.</summary>
    Call,

    /// <summary>A jump to a relative target.</summary>
    Jump,

    /// <summary>A jump to a relative target, or on to the next instruction.</summary>
    ConditionalJump,

    /// <summary>A call through a register or memory.</summary>
    IndirectCall,

    /// <summary>A jump through a register or memory.</summary>
    IndirectJump,

    /// <summary>A return of any kind: near, far, from an interrupt or a system call.</summary>
    Return,

    /// <summary>Never gets past here: <c>int3</c>, <c>ud2</c>, <c>hlt</c>.</summary>
    Stop,

    /// <summary>Not an instruction of 64-bit mode.</summary>
    Invalid,
}

/// <summary>One decoded instruction: only what a walk over calls needs.</summary>
internal struct Instruction
{
    /// <summary>Length in bytes, 1 to 15.</summary>
    public int Length;

    /// <summary>What it does to the flow of control.</summary>
    public Flow Flow;

    /// <summary>For relative calls and jumps, the displacement from the end of the instruction.</summary>
    public int Relative;

    /// <summary>For relative calls and jumps, where the displacement begins in the instruction.</summary>
    public int RelativeOffset;

    /// <summary>Whether it has an operand relative to RIP.</summary>
    public bool HasRipOperand;

    /// <summary>Displacement of the operand relative to RIP.</summary>
    public int RipDisplacement;

    /// <summary>Where the displacement of that operand begins in the instruction.</summary>
    public int RipDisplacementOffset;

    /// <summary>Whether this is <c>lea</c>, which takes the operand's address instead of its contents.</summary>
    public bool IsLoadAddress;

    /// <summary>For <c>lea</c>, the register that gets the address, 0 to 15.</summary>
    public int Register;

    /// <summary>For indirect calls and jumps through a register, that register, 0 to 15; -1 when they go through memory.</summary>
    public int TargetRegister;

    /// <summary>For indirect calls and jumps through memory at a register without an index, that register, 0 to 15; else -1.</summary>
    public int TargetBase;

    /// <summary>For indirect calls and jumps through memory at a register, the displacement.</summary>
    public int TargetDisplacement;

    /// <summary>Whether it has a REX prefix with W, by which the JIT marks tail calls among indirect jumps.</summary>
    public bool HasRexW;
}
