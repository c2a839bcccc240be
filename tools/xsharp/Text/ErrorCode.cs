namespace XSharp.Text;

/// <summary>The numbers of the errors, in groups: 0 input files, 1 characters, 2 grammar, 3 names, 4 operands, 5 values, 9 the assembler.</summary>
public static class ErrorCode
{
    /// <summary>A file cannot be read.</summary>
    public const int FileNotFound = 1;

    /// <summary>A line of a constants file is not <c>NAME=VALUE</c>.</summary>
    public const int BadConstantLine = 2;

    /// <summary>A character that starts no token.</summary>
    public const int UnknownCharacter = 1001;

    /// <summary>A string without its closing quote.</summary>
    public const int UnterminatedString = 1002;

    /// <summary>A number with bad digits or one that needs more than 64 bits.</summary>
    public const int BadNumber = 1003;

    /// <summary>The grammar wants something else here.</summary>
    public const int UnexpectedToken = 2001;

    /// <summary>A block or function that is not closed.</summary>
    public const int UnclosedBlock = 2002;

    /// <summary>A statement in a place where it cannot stand.</summary>
    public const int MisplacedStatement = 2003;

    /// <summary>Blocks or parentheses inside one another beyond what the compiler's stack holds.</summary>
    public const int TooDeep = 2004;

    /// <summary>A name that is defined twice.</summary>
    public const int DuplicateName = 3001;

    /// <summary>A constant that is not defined.</summary>
    public const int UndefinedConstant = 3002;

    /// <summary>A constant that is defined by itself.</summary>
    public const int CircularConstant = 3003;

    /// <summary>An operand of a kind that the statement does not take.</summary>
    public const int BadOperand = 4001;

    /// <summary>Operands of different sizes.</summary>
    public const int SizeMismatch = 4002;

    /// <summary>Nothing says how large the operand is.</summary>
    public const int SizeNeeded = 4003;

    /// <summary>Something that this processor mode does not have.</summary>
    public const int NotInThisMode = 4004;

    /// <summary>A value that does not fit.</summary>
    public const int ValueOutOfRange = 5001;

    /// <summary>An address where a number is needed, or arithmetic that no relocation can express.</summary>
    public const int NotANumber = 5002;

    /// <summary>Division by zero in a constant.</summary>
    public const int DivisionByZero = 5003;

    /// <summary>The assembler refused a line.</summary>
    public const int Assembler = 9001;
}
