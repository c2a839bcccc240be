using System;
using System.Linq;
using System.Text;
using Xunit;

namespace XSharp.Tests;

/// <summary>Names, sections, data, constants, and what of them the object file shows.</summary>
public sealed class DeclarationTests
{
    private const int TypeObject = 1;
    private const int TypeFunction = 2;

    [Fact]
    public void A_function_is_a_global_symbol_of_its_exact_name_with_its_size()
    {
        ElfSymbol symbol = Workbench.Compile("function RhpNewFast {\nnop\n}\n").Symbol("RhpNewFast");
        Assert.Equal((TypeFunction, true, 0UL, 2UL), (symbol.Type, symbol.IsGlobal, symbol.Value, symbol.Size));
    }

    [Fact]
    public void A_namespace_stands_before_the_names_of_its_things()
    {
        ElfObject actual = Workbench.Compile("namespace DebugStub\nfunction Init {\nReady()\n..Exact()\n.Count = 1\n}\nvar Count\nfunction ..Plain { }\n");
        Assert.True(actual.Symbol("DebugStub_Init").IsGlobal);
        Assert.True(actual.Symbol("DebugStub_Count").IsGlobal);
        Assert.True(actual.Symbol("Plain").IsGlobal);
        Assert.Equal(["DebugStub_Ready", "Exact"], Outside(actual));
    }

    [Fact]
    public void Names_that_the_file_does_not_define_become_outside_symbols()
    {
        ElfObject actual = Workbench.Compile("extern Declared\nfunction F {\nA()\ncall Declared\ngoto B\nRAX = @C\nRAX = .D\n}\n");
        Assert.Equal(["A", "B", "C", "D", "Declared"], Outside(actual));
    }

    [Fact]
    public void A_declared_outside_symbol_has_no_namespace() =>
        Assert.Equal(["Declared"], Outside(Workbench.Compile("namespace N\nextern Declared\nfunction F {\nDeclared()\n}\n")));

    [Fact]
    public void Several_exported_labels_may_share_a_spot_inside_a_function()
    {
        ElfObject actual = Workbench.Compile("function F {\nA()\nexport ReturnOfA:\nexport ReturnToo:\n.Inner:\nnop\n}\nfunction G {\ngoto Inner\n}\n");
        Assert.Equal((true, 5UL), (actual.Symbol("ReturnOfA").IsGlobal, actual.Symbol("ReturnOfA").Value));
        Assert.Equal((true, 5UL), (actual.Symbol("ReturnToo").IsGlobal, actual.Symbol("ReturnToo").Value));
        Assert.Equal((false, 5UL), (actual.Symbol("Inner").IsGlobal, actual.Symbol("Inner").Value));
        Assert.Equal("E8000000 0090C3EBFC".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(actual.Section(".text").Content));
    }

    [Fact]
    public void A_name_that_the_assembler_knows_as_an_instruction_is_still_a_name()
    {
        ElfObject actual = Workbench.Compile("function Wait {\nLoop:\nif = goto Loop\nPause()\nhlt\n}\nfunction Pause { }\nvar Test\n");
        Assert.Equal(TypeFunction, actual.Symbol("Pause").Type);
        Assert.Equal("74FEE802000000F4C3C3", Convert.ToHexString(actual.Section(".text").Content));
    }

    [Fact]
    public void Variables_without_a_value_are_zeros_in_bss_aligned_to_their_element()
    {
        ElfObject actual = Workbench.Compile("var A byte\nvar B\nvar C qword\nvar D word[3]\nvar E byte[#Size]\nconst Size = 10\n");
        Assert.Equal((0UL, 1UL), (actual.Symbol("A").Value, actual.Symbol("A").Size));
        Assert.Equal((4UL, 4UL), (actual.Symbol("B").Value, actual.Symbol("B").Size));
        Assert.Equal((8UL, 8UL), (actual.Symbol("C").Value, actual.Symbol("C").Size));
        Assert.Equal((16UL, 6UL), (actual.Symbol("D").Value, actual.Symbol("D").Size));
        Assert.Equal((22UL, 10UL, TypeObject), (actual.Symbol("E").Value, actual.Symbol("E").Size, actual.Symbol("E").Type));
        Assert.Equal(8U, actual.Section(".bss").Type);
    }

    [Fact]
    public void Variables_with_a_value_are_in_data()
    {
        ElfObject actual = Workbench.Compile("var A = 5\nvar B = -1 as byte\nvar C = 'Hi\\n'\nvar D = @A as qword\n");
        Assert.Equal("05000000FF48690A00".PadRight(32, '0') + "0000000000000000", Convert.ToHexString(actual.Section(".data").Content));
        Assert.Equal(new ElfRelocation(16, 1, ".data", 0), Assert.Single(actual.Relocations(".data")));
    }

    [Fact]
    public void A_variable_gives_its_size_to_statements_without_one() =>
        Assert.Contains("inc qword [rel $Count]", Workbench.ToAssembly("var Count qword\nfunction F {\n.Count++\n}\n"), StringComparison.Ordinal);

    [Fact]
    public void A_register_or_a_written_size_wins_over_the_declaration()
    {
        string assembly = Workbench.ToAssembly("var Count qword\nfunction F {\nAL = .Count\nbyte .Count = 1\nif word .Count = 2 return\n}\n");
        Assert.Contains("mov al, byte [rel $Count]", assembly, StringComparison.Ordinal);
        Assert.Contains("mov byte [rel $Count], 1", assembly, StringComparison.Ordinal);
        Assert.Contains("cmp word [rel $Count], 2", assembly, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_holds_numbers_text_addresses_and_differences()
    {
        ElfObject actual = Workbench.Compile(
            "section \".rodata\"\nStart:\nbyte 1, 'AB', $FF,\n  -1\nword 'AB'\ndword @End - @Start, ~0\nqword @Outside + 8\nEnd:\nreserve byte[24 - (@here - @Start)]\n");
        Assert.Equal("014142FFFF4142170000" + "00FFFFFFFF" + "0000000000000000" + "00", Convert.ToHexString(actual.Section(".rodata").Content));
        Assert.Equal(new ElfRelocation(15, 1, "Outside", 8), Assert.Single(actual.Relocations(".rodata")));
    }

    [Fact]
    public void A_variable_may_be_a_block_of_data()
    {
        ElfObject actual = Workbench.Compile("align 16\nvar Gdt {\nqword 0\nEntry:\nqword $00AF9A000000FFFF\n}\nvar Pointer {\nword @Entry - @Gdt + 7\nqword @Gdt\n}\n");
        Assert.Equal((16UL, TypeObject, true), (actual.Symbol("Gdt").Size, actual.Symbol("Gdt").Type, actual.Symbol("Gdt").IsGlobal));
        Assert.Equal("0000000000000000FFFF0000009AAF000F000000000000000000", Convert.ToHexString(actual.Section(".data").Content));
        Assert.Equal(10UL, actual.Symbol("Pointer").Size);
    }

    [Theory]
    [InlineData("section \".boot\" exec", 1, 6)]
    [InlineData("section \".boot\" write", 1, 3)]
    [InlineData("section \".boot\" exec write", 1, 7)]
    [InlineData("section \".boot\"", 1, 2)]
    [InlineData("section \".boot\" read align 64", 1, 2)]
    [InlineData("section \".boot\" noload", 1, 0)]
    [InlineData("section \".boot\" note align 4", 7, 2)]
    [InlineData("section \".text.boot\"", 1, 6)]
    [InlineData("section \".data.boot\"", 1, 3)]
    [InlineData("section \".note.Xen\"", 7, 2)]
    public void A_section_has_the_attributes_that_it_asks_for(string statement, uint type, ulong flags)
    {
        ElfSection section = Workbench.Compile($"{statement}\nbyte 1\n").Sections.Single(s => s.Content.Length == 1 && s.Content[0] == 1);
        Assert.Equal((type, flags), (section.Type, section.Flags));
    }

    [Fact]
    public void A_section_without_bits_takes_no_room_in_the_file()
    {
        ElfSection section = Workbench.Compile("section \".stack\" nobits write align 4096\nvar Stack byte[65536]\n").Section(".stack");
        Assert.Equal((8U, 3UL, 4096UL, 65536UL), (section.Type, section.Flags, section.Alignment, section.Size));
    }

    [Fact]
    public void Behind_a_section_statement_everything_goes_there_until_section_alone()
    {
        ElfObject actual = Workbench.Compile("section \".boot\" exec\nfunction F { }\nvar V = 1\nsection\nfunction G { }\nvar W = 2\n");
        Assert.Equal("C301000000", Convert.ToHexString(actual.Section(".boot").Content));
        Assert.Equal("C3", Convert.ToHexString(actual.Section(".text").Content));
        Assert.Equal("02000000", Convert.ToHexString(actual.Section(".data").Content));
    }

    [Fact]
    public void Align_fills_code_with_nop_and_data_with_zero()
    {
        ElfObject actual = Workbench.Compile("function F { }\nalign 4\nfunction G {\nalign 4\nnop\n}\nvar A = 1 as byte\nalign 8\nvar B = 2 as byte\n");
        Assert.Equal("C30F1F0090C3", Convert.ToHexString(actual.Section(".text").Content));
        Assert.Equal("010000000000000002", Convert.ToHexString(actual.Section(".data").Content));
    }

    [Fact]
    public void Constants_are_expressions_and_may_come_before_their_parts() =>
        Workbench.AssertSame(
            "RAX = [RDI + #Offset]\nEAX = #Mask\nEAX = (7 - 2) * 3 % 4 / 1 ^ 1",
            "mov rax, [rdi+24]\nmov eax, 0xF0\nmov eax, 2",
            64,
            "const Offset = #Base + 8\nconst Base = 1 << 4\nconst Mask = $FF & ~$0F | 0b1_0000\n");

    [Fact]
    public void Constants_may_be_differences_of_addresses()
    {
        ElfObject actual = Workbench.Compile("const Length = @End - @Start\nStart:\nnop\nEnd:\nEAX = #Length\nAL + #Length\n");
        Assert.Equal("90B8010000000401", Convert.ToHexString(actual.Section(".text").Content));
    }

    [Fact]
    public void A_constant_of_the_namespace_wins_over_one_without()
    {
        string assembly = Workbench.ToAssembly("const Size = 1\nnamespace N\nconst Size = 2\nEAX = #Size\nnamespace M\nEBX = #Size\n");
        Assert.Contains("mov eax, 2", assembly, StringComparison.Ordinal);
        Assert.Contains("mov ebx, 1", assembly, StringComparison.Ordinal);
    }

    [Fact]
    public void Literal_assembly_is_passed_on_in_both_forms()
    {
        ElfObject actual = Workbench.Compile("function F naked {\n! mov eax, 5\n  //! hlt\n// a comment\n}\n");
        Assert.Equal("B805000000F4", Convert.ToHexString(actual.Section(".text").Content));
    }

    [Fact]
    public void Statements_and_literal_lines_are_counted()
    {
        Statistics counts = Compilation.Compile("a.xs", "const A = 1\nvar B { byte 1 }\nfunction F {\n! nop\nif = {\n//! nop\nhlt\n} else { cli }\n}\n").Statistics;
        Assert.Equal(new Statistics("a.xs", 7, 2), counts);
    }

    [Fact]
    public void The_trampoline_of_another_processor_is_position_independent_by_differences()
    {
        ElfObject actual = Workbench.Compile(
            """
            const Low = $8000
            section ".trampoline" exec
            bits 16
            export TrampolineStart:
                cli
                AX = CS
                DS = AX
                lgdt [@Pointer - @TrampolineStart]
                goto far 8:(@Entry32 - @TrampolineStart + #Low) as dword
            bits 32
            Entry32:
                EAX = [@Pointer - @TrampolineStart + #Low]
            Pointer:
                word @TrampolineEnd - @Pointer - 1
            export TrampolineEnd:
            """);
        ElfObject expected = Workbench.Assemble(
            """
            bits 16
            section .trampoline exec
            s: cli
            mov ax, cs
            mov ds, ax
            lgdt [p - s]
            jmp dword 8:(e - s + 0x8000)
            bits 32
            e: mov eax, [p - s + 0x8000]
            p: dw t - p - 1
            t:
            """);
        Assert.Equal(Convert.ToHexString(expected.Section(".trampoline").Content), Convert.ToHexString(actual.Section(".trampoline").Content));
        Assert.Empty(actual.Relocations(".trampoline"));
    }

    [Fact]
    public void A_note_may_hold_a_physical_address_that_the_linker_computes()
    {
        ElfObject actual = Workbench.Compile("section \".note.Xen\" note align 4\ndword 4, 4, 18\nbyte 'Xen', 0\ndword @PvhEntry - $FFFFFFFF80000000\n");
        Assert.Equal(new ElfRelocation(16, 10, "PvhEntry", 0x80000000), Assert.Single(actual.Relocations(".note.Xen")));
        Assert.Equal("Xen\0", Encoding.ASCII.GetString(actual.Section(".note.Xen").Content, 12, 4));
    }

    private static string[] Outside(ElfObject file) =>
        [.. file.Symbols.Where(s => s.Section == 0 && s.Name.Length != 0).Select(s => s.Name).Order(StringComparer.Ordinal)];
}
