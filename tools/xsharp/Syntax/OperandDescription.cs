namespace XSharp.Syntax;

/// <summary>Names operands in error messages.</summary>
public static class OperandDescription
{
    /// <summary>The kind of an operand in a few words.</summary>
    public static string Of(Operand operand) => operand switch
    {
        RegisterOperand register => $"the {register.Register.Size * 8}-bit register '{register.Register.Name.ToUpperInvariant()}'",
        MemoryOperand { Variable: not null } variable => $"the variable '{variable.Variable.Text}'",
        MemoryOperand => "memory",
        ImmediateOperand => "a number",
        PortOperand => "a port",
        EffectiveAddressOperand => "an address",
        TargetOperand target => $"the name '{target.Name.Text}'",
        _ => "an operand",
    };

    /// <summary>The keyword for a size in bytes.</summary>
    public static string Size(int bytes) => bytes switch
    {
        1 => "byte",
        2 => "word",
        4 => "dword",
        8 => "qword",
        16 => "oword",
        _ => $"{bytes} bytes",
    };
}
