using System.Linq;
using XSharp.Syntax;
using Xunit;

namespace XSharp.Tests;

/// <summary>Instructions by name, and forms of statements that docs/xsharp.md shows only once.</summary>
public sealed class InstructionTests
{
    /// <summary>Instructions that only 16- and 32-bit code has.</summary>
    private static readonly string[] _only32 = ["pusha", "pushad", "popa", "popad", "pushfd", "popfd"];

    public static TheoryData<string> Names64() => [.. InstructionSet.Names.Except(_only32).Order()];

    [Theory]
    [MemberData(nameof(Names64))]
    public void An_instruction_without_operands_or_with_sample_operands_is_what_the_assembler_calls_so(string name)
    {
        string[] candidates =
        [
            "", "[RDI]", "AX", "RAX", "RCX, [RDI]", "RCX, RDX", "qword [RDI]", "RCX, RDX, 5", "RCX, 5", "qword [RDI], 5", "[RDI], RCX", "[RDI], RCX, CL",
            "RCX, CL", "5", "16, 0", "XMM1, XMM2", "XMM1, [RDI]", "[RDI], XMM1", "RAX, XMM1", "XMM1, RAX", "EAX, XMM1", "XMM1, EAX",
        ];
        string[] accepted = [.. candidates.Where(c => IsAccepted(name, c))];
        Assert.NotEmpty(accepted);
        foreach (string operands in accepted.Where(o => IsEncodable(name, o)))
        {
            string spelled = InstructionSet.Spell(name, 64);
            Workbench.AssertSame($"{name} {operands}", $"{spelled} {operands}");
        }
    }

    [Theory]
    [InlineData("lock cmpxchg [RDI], RCX", "lock cmpxchg [rdi], rcx")]
    [InlineData("lock cmpxchg16b [RDI]", "lock cmpxchg16b [rdi]")]
    [InlineData("lock bts qword [RDI], 63", "lock bts qword [rdi], 63")]
    [InlineData("lock btr [RDI], EAX", "lock btr [rdi], eax")]
    [InlineData("lock xadd [RDI], ECX", "lock xadd [rdi], ecx")]
    [InlineData("lock [RDI] ^ ECX", "lock xor [rdi], ecx")]
    [InlineData("lock [RDI] & -2 as byte", "lock and byte [rdi], -2")]
    [InlineData("lock dword gs:[8]--", "lock dec dword [gs:abs 8]")]
    [InlineData("rep movsq", "rep movsq")]
    [InlineData("repe cmpsb", "repe cmpsb")]
    [InlineData("REPNE SCASB", "repne scasb")]
    [InlineData("rep insw", "rep insw")]
    [InlineData("div qword [RDI + 8]", "div qword [rdi+8]")]
    [InlineData("mul [RDI] as dword", "mul dword [rdi]")]
    [InlineData("adc RAX, -1", "adc rax, -1")]
    [InlineData("sbb dword [RDI], 5", "sbb dword [rdi], 5")]
    [InlineData("imul RAX, [RDI], 100", "imul rax, [rdi], 100")]
    [InlineData("shld RAX, RBX, CL", "shld rax, rbx, cl")]
    [InlineData("xchg BL, [RDI]", "xchg bl, [rdi]")]
    [InlineData("movdqu XMM8, [RSP + 32]", "movdqu xmm8, [rsp+32]")]
    [InlineData("lgdt [@Thing]", "lgdt [rel Thing]")]
    [InlineData("ltr AX", "ltr ax")]
    [InlineData("int $80", "int 0x80")]
    [InlineData("retf 8", "o64 retf 8")]
    public void A_named_instruction_takes_operands_sizes_and_prefixes(string statement, string instruction) => Workbench.AssertSame(statement, instruction);

    [Theory]
    [InlineData("R8D = R9D", "mov r8d, r9d")]
    [InlineData("SIL = R15B", "mov sil, r15b")]
    [InlineData("R10W = $FFFF", "mov r10w, 0xFFFF")]
    [InlineData("AH = 'A'", "mov ah, 'A'")]
    [InlineData("EAX = 'ABCD'", "mov eax, 'ABCD'")]
    [InlineData("RAX = $FFFFFFFFFFFFFFFF", "mov rax, -1")]
    [InlineData("RAX = 1 << 63", "mov rax, 0x8000000000000000")]
    [InlineData("RAX = ~RBX", "mov rax, rbx\nnot rax")]
    [InlineData("RAX = -RBX", "mov rax, rbx\nneg rax")]
    [InlineData("RAX = -5", "mov rax, -5")]
    [InlineData("RAX = ~5", "mov rax, ~5")]
    [InlineData("AX = unsigned BL", "movzx ax, bl")]
    [InlineData("R9 = unsigned R10D", "mov r9d, r10d")]
    [InlineData("R9 = unsigned dword [R10]", "mov r9d, [r10]")]
    [InlineData("RAX = signed word [RDI]", "movsx rax, word [rdi]")]
    [InlineData("[RDI] = DS", "mov [rdi], ds")]
    [InlineData("ES = word [RDI]", "mov es, [rdi]")]
    [InlineData("FS = EAX", "mov fs, eax")]
    [InlineData("XMM9 = dword [RDI]", "movd xmm9, [rdi]")]
    [InlineData("[RDI] = XMM9 as qword", "movq [rdi], xmm9")]
    [InlineData("XMM1 = ECX", "movd xmm1, ecx")]
    [InlineData("RCX = XMM1", "movq rcx, xmm1")]
    [InlineData("[RDI] = @Thing as qword", "mov qword [rdi], Thing")]
    [InlineData("EAX = [@Thing + RAX * 8 + 4]", "mov eax, [Thing+rax*8+4]")]
    [InlineData("RAX = [RCX * 8 + RBX]", "mov rax, [rbx+rcx*8]")]
    [InlineData("RAX = [RSP + RBX]", "mov rax, [rsp+rbx]")]
    [InlineData("RAX = [$1000]", "mov rax, [abs 0x1000]")]
    [InlineData("RAX = [RBX + (1 << 4) - 8 + 2 * 4]", "mov rax, [rbx+16]")]
    [InlineData("RAX = .Thing[16]", "mov rax, [rel Thing+16]")]
    [InlineData("RAX & $FFFFFFFFFFFFF000", "and rax, -4096")]
    [InlineData("EAX & $FFFFF000", "and eax, 0xFFFFF000")]
    [InlineData("word [RDI] << CL", "shl word [rdi], cl")]
    [InlineData("signed dword [RDI] >> 31", "sar dword [rdi], 31")]
    [InlineData("[RDI] ?= EAX", "cmp [rdi], eax")]
    [InlineData("CX = [RDI] if not overflow", "cmovno cx, [rdi]")]
    [InlineData("BL = flag signed >=", "setge bl")]
    [InlineData("Port[DX] = AX", "out dx, ax")]
    [InlineData("Port[DX] = EAX", "out dx, eax")]
    [InlineData("AX = Port[$71]", "in ax, 0x71")]
    [InlineData("+$FFFFFFFFFFFFFFFF", "push qword -1")]
    [InlineData("+word [RDI]", "push word [rdi]")]
    [InlineData("-GS", "pop gs")]
    [InlineData("goto far dword [RDI]", "jmp far [rdi]")]
    [InlineData("call far [RDI]", "o64 call far [rdi]")]
    [InlineData("call .Thing", "call Thing")]
    [InlineData("goto [@Thing]", "jmp qword [rel Thing]")]
    [InlineData("goto [@Thing + RAX * 8]", "jmp qword [Thing+rax*8]")]
    public void A_statement_works_on_all_its_kinds_of_operands(string statement, string instruction) => Workbench.AssertSame(statement, instruction);

    [Theory]
    [InlineData(16, "EAX = CR0\nEAX | 1\nCR0 = EAX", "mov eax, cr0\nor eax, 1\nmov cr0, eax")]
    [InlineData(16, "AX = [BX + SI + 4]", "mov ax, [bx+si+4]")]
    [InlineData(16, "+All\n-All", "pusha\npopa")]
    [InlineData(16, "goto far $F000:$FFF0", "jmp word 0xF000:0xFFF0")]
    [InlineData(16, "goto far 8:$8000 as dword", "jmp dword 8:0x8000")]
    [InlineData(16, "+DS\n-ES\n+5", "push ds\npop es\npush word 5")]
    [InlineData(16, "iret", "iret")]
    [InlineData(16, "lgdt [$7C00]", "lgdt [0x7C00]")]
    [InlineData(16, "lidt dword [$7C00]", "o32 lidt [0x7C00]")]
    [InlineData(16, "goto AX", "jmp ax")]
    [InlineData(32, "+All\n-All", "pushad\npopad")]
    [InlineData(32, "EAX = @Thing", "mov eax, Thing")]
    [InlineData(32, "EAX = [@Thing + 4]", "mov eax, [Thing+4]")]
    [InlineData(32, "EAX = @Thing - $FFFFFFFF80000000", "mov eax, Thing - 0xFFFFFFFF80000000")]
    [InlineData(32, "goto far 8:@Thing", "jmp dword 8:Thing")]
    [InlineData(32, "CR3 = EDI\niret\nretf", "mov cr3, edi\niretd\nretf")]
    [InlineData(32, "call [EBX + 4]", "call dword [ebx+4]")]
    [InlineData(32, "+[EAX]", "push dword [eax]")]
    [InlineData(32, "pushad\npopfd", "pushad\npopfd")]
    public void Other_processor_modes_have_their_own_forms(int bits, string statements, string instructions) => Workbench.AssertSame(statements, instructions, bits);

    [Fact]
    public void All_pushes_fifteen_registers_and_pops_them_in_reverse()
    {
        string[] registers = ["rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];
        Workbench.AssertSame("+All", string.Join("\n", registers.Select(r => "push " + r)));
        Workbench.AssertSame("-All", string.Join("\n", registers.Reverse().Select(r => "pop " + r)));
    }

    private static bool IsAccepted(string name, string operands) =>
        Compilation.Compile(Workbench.FileName, $"function Test naked {{\n{name} {operands}\n}}\n").Diagnostics.Count == 0;

    /// <summary>Leaves out what the table's kinds do not tell apart; the assembler refuses it at its line.</summary>
    private static bool IsEncodable(string name, string operands) => (name, operands) switch
    {
        ("crc32", "RCX, [RDI]") => false,
        ("movd", "RAX, XMM1" or "XMM1, RAX") => false,
        ("movq", "EAX, XMM1" or "XMM1, EAX") => false,
        ("pmovmskb", "RAX, XMM1") => false,
        _ => true,
    };
}
