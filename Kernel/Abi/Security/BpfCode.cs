namespace CosmosKernel.Abi.Security;

/// <summary>Operations of classic BPF that system-call filters may use (McCanne and Jacobson, "The BSD Packet Filter", table 3). A is the accumulator, X the index register, M the sixteen words of memory.</summary>
public static class BpfCode
{
    /// <summary>A = constant.</summary>
    public const ushort LoadConstant = 0x00;

    /// <summary>X = constant.</summary>
    public const ushort LoadIndexConstant = 0x01;

    /// <summary>M[k] = A.</summary>
    public const ushort Store = 0x02;

    /// <summary>M[k] = X.</summary>
    public const ushort StoreIndex = 0x03;

    /// <summary>A += constant. With <see cref="ByIndex"/> it is X, here and below.</summary>
    public const ushort Add = 0x04;

    /// <summary>Goes on k instructions further.</summary>
    public const ushort Jump = 0x05;

    /// <summary>The answer is the constant.</summary>
    public const ushort Return = 0x06;

    /// <summary>X = A.</summary>
    public const ushort ToIndex = 0x07;

    /// <summary>The operand is X.</summary>
    public const ushort ByIndex = 0x08;

    /// <summary>A -= operand.</summary>
    public const ushort Subtract = 0x14;

    /// <summary>Jumps if A equals the operand.</summary>
    public const ushort JumpEqual = 0x15;

    /// <summary>The answer is A.</summary>
    public const ushort ReturnAccumulator = 0x16;

    /// <summary>A = the word of the data at an offset.</summary>
    public const ushort LoadData = 0x20;

    /// <summary>A *= operand.</summary>
    public const ushort Multiply = 0x24;

    /// <summary>Jumps if A is above the operand.</summary>
    public const ushort JumpAbove = 0x25;

    /// <summary>A /= operand; division by an X of zero answers 0.</summary>
    public const ushort Divide = 0x34;

    /// <summary>Jumps if A is not below the operand.</summary>
    public const ushort JumpNotBelow = 0x35;

    /// <summary>A |= operand.</summary>
    public const ushort Or = 0x44;

    /// <summary>Jumps if A and the operand share a bit.</summary>
    public const ushort JumpBits = 0x45;

    /// <summary>A &amp;= operand.</summary>
    public const ushort And = 0x54;

    /// <summary>A = M[k].</summary>
    public const ushort Load = 0x60;

    /// <summary>X = M[k].</summary>
    public const ushort LoadIndex = 0x61;

    /// <summary>A &lt;&lt;= operand.</summary>
    public const ushort ShiftLeft = 0x64;

    /// <summary>A &gt;&gt;= operand.</summary>
    public const ushort ShiftRight = 0x74;

    /// <summary>A = bytes of the data.</summary>
    public const ushort LoadLength = 0x80;

    /// <summary>X = bytes of the data.</summary>
    public const ushort LoadIndexLength = 0x81;

    /// <summary>A = -A.</summary>
    public const ushort Negate = 0x84;

    /// <summary>A = X.</summary>
    public const ushort FromIndex = 0x87;

    /// <summary>A ^= operand.</summary>
    public const ushort Xor = 0xA4;
}
