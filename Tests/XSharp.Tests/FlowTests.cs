using System.Linq;
using Xunit;

namespace XSharp.Tests;

/// <summary>Blocks, jumps, calls and returns.</summary>
public sealed class FlowTests
{
    [Fact]
    public void A_function_ends_in_ret() => AssertFunction("RAX++", "inc rax\nret");

    [Fact]
    public void A_function_whose_end_is_never_reached_gets_no_ret() => AssertFunction("goto RAX", "jmp rax");

    [Fact]
    public void A_function_whose_both_branches_leave_gets_no_ret() =>
        AssertFunction("if = {\ngoto RAX\n} else {\nreturn\n}", "jne .else\njmp rax\n.else:\nret");

    [Fact]
    public void A_naked_function_is_its_statements_alone() => Workbench.AssertSame("nop", "nop");

    [Fact]
    public void An_interrupt_ends_in_iretq()
    {
        ElfObject actual = Workbench.Compile("interrupt Handler {\n-RAX\nif carry return\nRAX++\n}\n");
        ElfObject expected = Workbench.Assemble("bits 64\nsection .text\nf: pop rax\njc .exit\ninc rax\n.exit: iretq\n");
        Assert.Equal(expected.Section(".text").Content, actual.Section(".text").Content);
    }

    [Fact]
    public void Return_is_an_instruction_where_no_exit_label_exists() => AssertFunction("if = {\nreturn\n}\nnop", "jne .end\nret\n.end: nop\nret");

    [Fact]
    public void Return_and_exit_go_to_the_exit_label() =>
        AssertFunction("if = return\nexit\nExit:\n-RAX", "je .exit\njmp .exit\n.exit: pop rax\nret");

    [Fact]
    public void Goto_exit_works_without_an_exit_label() => AssertFunction("if = goto Exit\nnop", "je .exit\nnop\n.exit: ret");

    [Fact]
    public void Ret_ignores_the_exit_label() => AssertFunction("ret\nExit:\nnop", "ret\n.exit: nop\nret");

    [Fact]
    public void If_skips_its_block_when_the_condition_is_false() =>
        AssertFunction("if RAX < 5 {\nRAX++\n}", "cmp rax, 5\njnb .end\ninc rax\n.end: ret");

    [Fact]
    public void Else_may_stand_on_the_line_of_the_brace_or_on_the_next() =>
        AssertFunction(
            "if signed RAX > RBX {\nRAX++\n} else if AL ?& 1 {\nRAX--\n}\nelse {\nnop\n}",
            "cmp rax, rbx\njng .a\ninc rax\njmp .e\n.a: test al, 1\njz .b\ndec rax\njmp .c\n.b: nop\n.c: \n.e: ret");

    [Fact]
    public void While_tests_before_each_round() =>
        AssertFunction("while [RDI] != 0 as byte {\nRDI++\n}", ".begin: cmp byte [rdi], 0\nje .end\ninc rdi\njmp .begin\n.end: ret");

    [Fact]
    public void While_takes_flags() => AssertFunction("while not carry {\nclc\n}", ".begin: jc .end\nclc\njmp .begin\n.end: ret");

    [Fact]
    public void Conditions_between_constants_leave_no_instruction() =>
        AssertFunction(
            "if 1 = 1 {\nnop\n} else {\nhlt\n}\nif 5 < 3 goto RhpOther\nif #Debug ?& 2 {\ncli\n}\nwhile 1 != 1 {\nsti\n}\nif not 2 <= 3 {\ncmc\n}",
            "nop\ncli\nret",
            "const Debug = 2\n");

    [Fact]
    public void An_endless_while_has_no_comparison() => AssertFunction("while 1 = 1 {\npause\n}\n", ".a: pause\njmp .a\nret");

    [Fact]
    public void Repeat_emits_its_block_again_and_again() => AssertFunction("repeat 3 times {\nnop\n}", "nop\nnop\nnop\nret");

    [Fact]
    public void Repeat_counts_in_a_constant() =>
        AssertFunction("repeat 3 times as Vector {\nif #Vector = 1 {\nhlt\n}\n+#Vector * 2\n}", "push 0\nhlt\npush 2\npush 4\nret");

    [Fact]
    public void Blocks_inside_repeat_have_labels_of_their_own() =>
        AssertFunction("repeat 2 times {\nif = {\nnop\n}\n}", "jne .a\nnop\n.a: jne .b\nnop\n.b: ret");

    [Fact]
    public void Labels_are_local_to_their_function()
    {
        ElfObject actual = Workbench.Compile("function A naked {\nLoop: goto Loop\n}\nfunction B naked {\nLoop: nop\ngoto Loop\n}\n");
        ElfObject expected = Workbench.Assemble("bits 64\nsection .text\na: jmp a\nb: nop\njmp b\n");
        Assert.Equal(expected.Section(".text").Content, actual.Section(".text").Content);
        Assert.DoesNotContain(actual.Symbols, s => s.IsGlobal && s.Name is not ("A" or "B"));
    }

    [Fact]
    public void A_block_may_stand_on_one_line() => AssertFunction("if = { RAX++ }", "jne .e\ninc rax\n.e: ret");

    [Fact]
    public void Statements_outside_functions_are_code_too()
    {
        ElfObject actual = Workbench.Compile("export Start:\ncli\nLoop:\nhlt\ngoto Loop\nif = {\nnop\n}\nfunction F naked {\nif = {\nnop\n}\n}\nif = {\nsti\n}\n");
        ElfObject expected = Workbench.Assemble("bits 64\nsection .text\nx: cli\n.l: hlt\njmp .l\njne .a\nnop\n.a: jne .b\nnop\n.b: jne .c\nsti\n.c:\n");
        Assert.Equal(expected.Section(".text").Content, actual.Section(".text").Content);
        Assert.Equal("Start", Assert.Single(actual.Symbols, s => s.IsGlobal && s.Name != "F").Name);
    }

    private static void AssertFunction(string statements, string instructions, string before = "")
    {
        ElfObject actual = Workbench.Compile($"{before}function Test {{\n{statements}\n}}\n");
        ElfObject expected = Workbench.Assemble($"bits 64\nsection .text\nf:\n{instructions}\n");
        Assert.Equal(expected.Section(".text").Content, actual.Section(".text").Content);
    }
}
