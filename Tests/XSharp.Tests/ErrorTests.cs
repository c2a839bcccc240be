using System;
using System.Linq;
using XSharp.Text;
using Xunit;

namespace XSharp.Tests;

/// <summary>Bad input: each error at its line and column, saying what was expected and what was found.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("RAX = `", 3, 7, ErrorCode.UnknownCharacter, "the character '`'")]
    [InlineData("RAX = 'abc", 3, 7, ErrorCode.UnterminatedString, "expected a closing '")]
    [InlineData("RAX = 12ab", 3, 7, ErrorCode.BadNumber, "found '12ab'")]
    [InlineData("RAX = $10000000000000000", 3, 7, ErrorCode.BadNumber, "at most 64 bits")]
    [InlineData("RAX = $", 3, 7, ErrorCode.BadNumber, "found '$'")]
    [InlineData("RAX", 3, 4, ErrorCode.UnexpectedToken, "expected an operator (=, +,")]
    [InlineData("RAX = ", 3, 6, ErrorCode.UnexpectedToken, "expected an operand")]
    [InlineData("RAX = RBX RCX", 3, 11, ErrorCode.UnexpectedToken, "expected end of line, found 'RCX'")]
    [InlineData("RAX = RBX + 8", 3, 11, ErrorCode.UnexpectedToken, "expected end of line, found '+'")]
    [InlineData("RAX = [RBX + 8", 3, 15, ErrorCode.UnexpectedToken, "expected '+', '-' or ']', found end of line")]
    [InlineData("RAX = [RBX - RCX]", 3, 14, ErrorCode.BadOperand, "expected a number after '-', found the register 'RCX'")]
    [InlineData("RAX = [RBX + RCX + RDX]", 3, 20, ErrorCode.BadOperand, "found 'RDX' as a third")]
    [InlineData("RAX = [AL]", 3, 8, ErrorCode.BadOperand, "general register in an address, found 'AL'")]
    [InlineData("RAX = [BX]", 3, 7, ErrorCode.NotInThisMode, "32- or 64-bit register in an address")]
    [InlineData("RAX = [RBX + ECX]", 3, 7, ErrorCode.SizeMismatch, "base and index of one size")]
    [InlineData("RAX = [RBX + RCX * 3]", 3, 20, ErrorCode.ValueOutOfRange, "a scale of 1, 2, 4 or 8, found 3")]
    [InlineData("RAX = [RBX + RCX * 16]", 3, 20, ErrorCode.ValueOutOfRange, "found 0x10")]
    [InlineData("RAX = [RBX + RSP * 2]", 3, 7, ErrorCode.BadOperand, "other than the stack pointer")]
    [InlineData("RAX = [RBX + $80000000]", 3, 14, ErrorCode.ValueOutOfRange, "a displacement of 32 bits")]
    [InlineData("RAX = foo", 3, 7, ErrorCode.UnexpectedToken, "found 'foo'")]
    [InlineData("RAX = #Missing", 3, 7, ErrorCode.UndefinedConstant, "found '#Missing'")]
    [InlineData("RAX = EBX", 3, 7, ErrorCode.SizeMismatch, "expected an operand of 64 bits, found the 32-bit register 'EBX'")]
    [InlineData("RAX = dword [RBX]", 3, 7, ErrorCode.SizeMismatch, "found memory of 32 bits")]
    [InlineData("RAX = 5 as byte", 3, 1, ErrorCode.SizeMismatch, "expected 'qword' after 'as', found 'byte'")]
    [InlineData("AL = 256", 3, 6, ErrorCode.ValueOutOfRange, "expected a value of 8 bits, found 0x100")]
    [InlineData("RAX + $80000000", 3, 7, ErrorCode.ValueOutOfRange, "32 bits, sign-extended")]
    [InlineData("[RAX] = [RBX]", 3, 9, ErrorCode.BadOperand, "found memory")]
    [InlineData("[RAX] = 5", 3, 1, ErrorCode.SizeNeeded, "expected an operand size")]
    [InlineData("[RAX]++", 3, 1, ErrorCode.SizeNeeded, "expected an operand size")]
    [InlineData("5 = RAX", 3, 1, ErrorCode.BadOperand, "expected a register or memory, found a number")]
    [InlineData("DS = 5", 3, 6, ErrorCode.BadOperand, "found a number")]
    [InlineData("CR3 = EAX", 3, 7, ErrorCode.SizeMismatch, "64 bits")]
    [InlineData("CR3 = [RAX]", 3, 7, ErrorCode.BadOperand, "beside the 64-bit register 'CR3'")]
    [InlineData("DS = CR0", 3, 6, ErrorCode.BadOperand, "found the 64-bit register 'CR0'")]
    [InlineData("XMM0 = AX", 3, 8, ErrorCode.BadOperand, "found the 16-bit register 'AX'")]
    [InlineData("XMM0 = word [RAX]", 3, 8, ErrorCode.SizeMismatch, "32, 64 or 128 bits")]
    [InlineData("XMM0 + 5", 3, 1, ErrorCode.BadOperand, "expected a general register or memory")]
    [InlineData("BL = Port[DX]", 3, 1, ErrorCode.BadOperand, "expected AL, AX or EAX")]
    [InlineData("AL = Port[256]", 3, 11, ErrorCode.ValueOutOfRange, "a port number from 0 to 255")]
    [InlineData("AL = Port[CX]", 3, 11, ErrorCode.UnexpectedToken, "DX or a port number")]
    [InlineData("EAX = unsigned RBX", 3, 16, ErrorCode.SizeMismatch, "fewer than 32 bits")]
    [InlineData("EAX = unsigned [RBX]", 3, 16, ErrorCode.SizeNeeded, "expected an operand size")]
    [InlineData("AL = BL if carry", 3, 1, ErrorCode.BadOperand, "for a conditional move")]
    [InlineData("RAX = RBX if RAX = 5", 3, 14, ErrorCode.UnexpectedToken, "expected flags")]
    [InlineData("RAX = flag carry", 3, 1, ErrorCode.SizeMismatch, "8 bits")]
    [InlineData("RAX << RBX", 3, 8, ErrorCode.BadOperand, "expected a number or CL")]
    [InlineData("EAX << 32", 3, 8, ErrorCode.ValueOutOfRange, "a count from 0 to 31")]
    [InlineData("AL * 5", 3, 1, ErrorCode.BadOperand, "before '*'")]
    [InlineData("signed RAX << 5", 3, 8, ErrorCode.UnexpectedToken, "expected '>>'")]
    [InlineData("lock RAX + 1", 3, 6, ErrorCode.UnexpectedToken, "expected memory or an instruction that can be locked")]
    [InlineData("lock div RCX", 3, 6, ErrorCode.UnexpectedToken, "expected an instruction that can be locked, found 'div'")]
    [InlineData("lock xchg RAX, RBX", 3, 11, ErrorCode.BadOperand, "memory as the first operand")]
    [InlineData("lock [RAX] = RBX", 3, 14, ErrorCode.UnexpectedToken, "expected an operator that reads and writes")]
    [InlineData("lock dword [RAX] << 1", 3, 6, ErrorCode.BadOperand, "an operator that can be locked")]
    [InlineData("rep nop", 3, 5, ErrorCode.UnexpectedToken, "expected a string instruction")]
    [InlineData("lgdt RAX", 3, 6, ErrorCode.BadOperand, "expected memory for 'lgdt', found the 64-bit register 'RAX'")]
    [InlineData("lgdt qword [RAX]", 3, 6, ErrorCode.SizeMismatch, "memory without a size for 'lgdt'")]
    [InlineData("cmpxchg RAX", 3, 9, ErrorCode.BadOperand, "expected a general register, a general register or memory, a general register")]
    [InlineData("int", 3, 1, ErrorCode.BadOperand, "expected a number for 'int', found no operand")]
    [InlineData("int 256", 3, 5, ErrorCode.ValueOutOfRange, "8 bits")]
    [InlineData("div [RAX]", 3, 5, ErrorCode.SizeNeeded, "expected an operand size")]
    [InlineData("bt RAX, ECX", 3, 9, ErrorCode.SizeMismatch, "64 bits")]
    [InlineData("+EAX", 3, 2, ErrorCode.NotInThisMode, "64 or 16 bits on the stack")]
    [InlineData("+DS", 3, 2, ErrorCode.NotInThisMode, "expected FS or GS")]
    [InlineData("-5", 3, 2, ErrorCode.BadOperand, "found a number")]
    [InlineData("goto 5", 3, 6, ErrorCode.BadOperand, "expected a name, a register or memory, found a number")]
    [InlineData("goto EAX", 3, 6, ErrorCode.SizeMismatch, "64 bits")]
    [InlineData("goto far 8:5", 3, 1, ErrorCode.NotInThisMode, "memory for a far transfer")]
    [InlineData("goto", 3, 5, ErrorCode.UnexpectedToken, "found end of line")]
    [InlineData("if RAX goto There", 3, 8, ErrorCode.UnexpectedToken, "expected a comparison")]
    [InlineData("if RAX = 5", 3, 11, ErrorCode.UnexpectedToken, "expected 'goto', 'return' or '{', found end of line")]
    [InlineData("if RAX = EBX return", 3, 10, ErrorCode.SizeMismatch, "64 bits")]
    [InlineData("if 5 = RAX return", 3, 4, ErrorCode.BadOperand, "found a number")]
    [InlineData("repeat 5 { }", 3, 10, ErrorCode.UnexpectedToken, "expected 'times', found '{'")]
    [InlineData("repeat -1 times { }", 3, 8, ErrorCode.ValueOutOfRange, "a count from 0")]
    [InlineData("repeat 2 times { Here: }", 3, 18, ErrorCode.MisplacedStatement, "expected no label in a repeated block")]
    [InlineData("bogus RAX", 3, 1, ErrorCode.UnexpectedToken, "expected a statement")]
    [InlineData("function Inner { }", 3, 1, ErrorCode.MisplacedStatement, "outside functions")]
    [InlineData("section \".x\"", 3, 1, ErrorCode.MisplacedStatement, "outside functions")]
    [InlineData("var Inner", 3, 1, ErrorCode.MisplacedStatement, "outside functions")]
    [InlineData("Label:\nLabel:", 4, 1, ErrorCode.DuplicateName, "found 'Label'")]
    [InlineData("RAX:", 3, 4, ErrorCode.UnexpectedToken, "expected an operator")]
    [InlineData("align 3", 3, 7, ErrorCode.ValueOutOfRange, "a power of two")]
    [InlineData("RAX = 5 / 0", 3, 11, ErrorCode.DivisionByZero, "found 0")]
    [InlineData("RAX = 1 << 64", 3, 12, ErrorCode.ValueOutOfRange, "a shift from 0 to 63")]
    [InlineData("RAX = @A + @B", 3, 7, ErrorCode.NotANumber, "another combination")]
    [InlineData("RAX = @A & 15", 3, 7, ErrorCode.NotANumber, "found an address")]
    [InlineData("RAX = 'ninebytes'", 3, 7, ErrorCode.ValueOutOfRange, "1 to 8 bytes")]
    public void A_bad_statement_in_a_function_is_reported_at_its_place(string statement, int line, int column, int code, string part)
    {
        Diagnostic error = Assert.Single(Workbench.Errors($"// line 1\nfunction Test {{\n{statement}\n}}\n"));
        Assert.Equal((new SourcePosition(Workbench.FileName, line, column), code), (error.Position, error.Code));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("function 5 { }", 1, 10, ErrorCode.UnexpectedToken, "the name of a function")]
    [InlineData("function RAX { }", 1, 10, ErrorCode.UnexpectedToken, "found the register 'RAX'")]
    [InlineData("function F\n{ }", 1, 11, ErrorCode.UnexpectedToken, "expected '{', found end of line")]
    [InlineData("function F {\nnop\n", 3, 1, ErrorCode.UnclosedBlock, "expected '}' for the '{' in line 1")]
    [InlineData("nop\n}\n", 2, 1, ErrorCode.UnexpectedToken, "expected a statement, found '}'")]
    [InlineData("return", 1, 1, ErrorCode.MisplacedStatement, "inside a function")]
    [InlineData("function F { }\nfunction F { }", 2, 1, ErrorCode.DuplicateName, "found 'F'")]
    [InlineData("var F\nfunction F { }", 2, 1, ErrorCode.DuplicateName, "found 'F'")]
    [InlineData("const A = 1\nconst A = 2", 2, 7, ErrorCode.DuplicateName, "found 'A'")]
    [InlineData("const A = #B\nconst B = #A\nAL = #A", 2, 11, ErrorCode.CircularConstant, "defined by itself")]
    [InlineData("const A = // none", 1, 10, ErrorCode.UnexpectedToken, "expected a value")]
    [InlineData("const A = \nAL = #A", 1, 10, ErrorCode.UnexpectedToken, "expected a value")]
    [InlineData("bits 48", 1, 6, ErrorCode.UnexpectedToken, "16, 32 or 64")]
    [InlineData("bits 32\nRAX = 5", 2, 1, ErrorCode.NotInThisMode, "a register of 32-bit mode, found 'RAX'")]
    [InlineData("bits 32\nEAX = [RBX]", 2, 7, ErrorCode.NotInThisMode, "found 'RBX'")]
    [InlineData("bits 32\nXMM8 = XMM1", 2, 1, ErrorCode.NotInThisMode, "found 'XMM8'")]
    [InlineData("section boot", 1, 9, ErrorCode.UnexpectedToken, "in quotes")]
    [InlineData("section \".boot\" fast", 1, 17, ErrorCode.UnexpectedToken, "a section attribute")]
    [InlineData("section \".b\" exec\nsection\nsection \".b\" write", 3, 1, ErrorCode.DuplicateName, "attributes that section '.b' has")]
    [InlineData("byte 256", 1, 6, ErrorCode.ValueOutOfRange, "8 bits")]
    [InlineData("byte", 1, 5, ErrorCode.UnexpectedToken, "expected a value")]
    [InlineData("reserve byte 5", 1, 14, ErrorCode.UnexpectedToken, "expected '['")]
    [InlineData("reserve byte[@A]", 1, 14, ErrorCode.NotANumber, "found an address")]
    [InlineData("reserve byte[-1]", 1, 14, ErrorCode.ValueOutOfRange, "a count from 0")]
    [InlineData("include \"no/such/file.xs\"", 1, 9, ErrorCode.FileNotFound, "found no 'no/such/file.xs'")]
    [InlineData("include file", 1, 9, ErrorCode.UnexpectedToken, "a file name in quotes")]
    [InlineData("namespace", 1, 10, ErrorCode.UnexpectedToken, "the name of a namespace")]
    [InlineData("if 1 = 1 {\nnamespace N\n}", 2, 1, ErrorCode.MisplacedStatement, "outside functions and blocks")]
    [InlineData("function F naked {\nif = return\n}", 2, 1, ErrorCode.MisplacedStatement, "a naked function")]
    [InlineData("else { }", 1, 1, ErrorCode.UnexpectedToken, "expected a statement")]
    [InlineData("const A = 1\nrepeat 1 times as A { }", 2, 1, ErrorCode.DuplicateName, "a new name for the counter")]
    public void A_bad_declaration_is_reported_at_its_place(string program, int line, int column, int code, string part)
    {
        Diagnostic error = Assert.Single(Workbench.Errors(program));
        Assert.Equal((new SourcePosition(Workbench.FileName, line, column), code), (error.Position, error.Code));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_reports_the_errors_of_all_statements_in_order()
    {
        string[] errors =
        [
            .. Workbench.Errors("function F {\nRAX = EBX\nif RAX {\nAL = 300\n} else {\nbogus\n}\nRAX +\n}\nfunction G {\n[RAX]++\n}\n")
                .Select(e => $"{e.Position.Line},{e.Position.Column} {e.Code}"),
        ];
        Assert.Equal(["2,7 4002", "3,8 2001", "6,1 2001", "8,6 2001", "11,1 4003"], errors);
    }

    [Fact]
    public void An_error_in_a_repeated_block_is_reported_once() =>
        Assert.Single(Workbench.Errors("repeat 5 times {\nAL = 300\n}\n"));

    [Fact]
    public void An_error_reads_as_build_tools_expect() =>
        Assert.Equal(
            "Test.xs(1,7): error XS4002: expected an operand of 64 bits, found the 32-bit register 'EBX'",
            Assert.Single(Workbench.Errors("RAX = EBX")).ToString());

    [Theory]
    [InlineData("A", 1)]
    [InlineData("A=1\nB=x", 2)]
    [InlineData("A=1\n\n=5", 3)]
    [InlineData("A=1\nA=2", 2)]
    [InlineData("// offsets\n1A=5", 2)]
    public void A_bad_line_in_a_constants_file_is_reported_at_its_place(string lines, int line)
    {
        CompilationResult result = Compilation.Compile(Workbench.FileName, "nop", [("Offsets.txt", lines)]);
        Assert.Equal(new SourcePosition("Offsets.txt", line, 1), Assert.Single(result.Diagnostics).Position);
    }
}
