using System;
using System.Collections.Generic;
using System.Linq;

namespace XSharp.Syntax;

/// <summary>
/// The instructions that are written by name, and the kinds of operands each takes. What has an operator
/// (moves, arithmetic, stack, ports, jumps) is not here: X# has one way to write a thing.
/// </summary>
/// <remarks>
/// A form is a list of operand kinds, one string an alternative. <c>r</c> general register of any size,
/// <c>r16 r32 r64</c> of that size, <c>m</c> memory, <c>i</c> immediate, <c>x</c> vector register, <c>cl</c> and <c>ax</c> these registers.
/// </remarks>
public static class InstructionSet
{
    private static readonly Dictionary<string, string[]> _forms = new(StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> _spelling = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sysretq"] = "o64 sysret",
        ["sysretl"] = "sysret",
        ["sysexitq"] = "o64 sysexit",
    };

    private static readonly HashSet<string> _repeatable = new(StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> _lockable = new(StringComparer.OrdinalIgnoreCase)
    {
        "adc", "sbb", "btc", "btr", "bts", "cmpxchg", "cmpxchg8b", "cmpxchg16b", "neg", "not", "xadd", "xchg",
    };

    private static readonly HashSet<string> _anySize = new(StringComparer.OrdinalIgnoreCase)
    {
        "crc32", "invpcid", "movd", "movq", "pmovmskb", "rcl", "rcr", "shld", "shrd",
    };

    private static readonly HashSet<string> _sized = new(StringComparer.OrdinalIgnoreCase)
    {
        "div", "idiv", "mul", "imul", "neg", "not", "bt", "bts", "btr", "btc", "adc", "sbb", "rcl", "rcr", "popcnt", "lzcnt", "tzcnt", "crc32",
    };

    static InstructionSet()
    {
        Define(
            [""],
            "cli sti hlt nop pause cld std clc stc cmc clac stac swapgs iret iretd iretq sysret sysretl sysretq syscall sysenter sysexit sysexitq",
            "lfence mfence sfence rdtsc rdtscp cpuid wbinvd wbnoinvd invd rdmsr wrmsr rdpmc xgetbv xsetbv rdpkru wrpkru",
            "fninit finit fnclex fwait emms clts pushf pushfd pushfq popf popfd popfq lahf sahf int3 ud2 cdq cqo cwd cbw cwde cdqe",
            "xlatb leave monitor mwait vmcall vmmcall serialize endbr64 rsm pusha pushad popa popad");
        string[] strings =
        [
            "movsb movsw movsd movsq stosb stosw stosd stosq lodsb lodsw lodsd lodsq",
            "cmpsb cmpsw cmpsd cmpsq scasb scasw scasd scasq insb insw insd outsb outsw outsd",
        ];
        Define([""], strings);
        _repeatable.UnionWith(strings.SelectMany(s => s.Split(' ')));
        Define(
            ["m"],
            "lgdt lidt sgdt sidt invlpg fxsave fxsave64 fxrstor fxrstor64 xsave xsave64 xsaveopt xsaveopt64 xsavec xsavec64 xsaves xsaves64",
            "xrstor xrstor64 xrstors xrstors64 ldmxcsr stmxcsr cmpxchg8b cmpxchg16b clflush clflushopt clwb",
            "prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw fnsave frstor fnstenv fldenv fnstcw fldcw");
        Define(["r16", "m"], "lldt ltr lmsw verr verw");
        Define(["r", "m"], "sldt str smsw");
        Define(["ax", "m"], "fnstsw");
        Define(["r32", "r64"], "rdfsbase rdgsbase wrfsbase wrgsbase bswap");
        Define(["r16", "r32", "r64"], "rdrand rdseed");
        Define(["r64"], "rdpid");
        Define(["r64,m"], "invpcid");
        Define(["r,r", "r,m"], "bsf bsr tzcnt lzcnt popcnt lar lsl crc32");
        Define(["r", "m"], "div idiv mul neg not");
        Define(["r", "m", "r,r", "r,m", "r,r,i", "r,m,i"], "imul");
        Define(["r,r", "r,i", "m,r", "m,i"], "bt bts btr btc");
        Define(["r,r", "m,r"], "cmpxchg xadd");
        Define(["r,r", "m,r", "r,m"], "xchg");
        Define(["r,r", "r,m", "r,i", "m,r", "m,i"], "adc sbb");
        Define(["r,r,i", "m,r,i", "r,r,cl", "m,r,cl"], "shld shrd");
        Define(["r,i", "m,i", "r,cl", "m,cl"], "rcl rcr");
        Define(["i"], "int");
        Define(["", "i"], "ret retf");
        Define(["i,i"], "enter");
        Define(["m,r"], "movnti");
        Define(["r,m", "m,r"], "movbe");
        Define(["x,x", "x,m", "m,x"], "movups movaps movdqu movdqa movupd movapd");
        Define(["x,r", "r,x", "x,m", "m,x"], "movd");
        Define(["x,r", "r,x", "x,m", "m,x", "x,x"], "movq");
        Define(["x,x", "x,m"], "pxor por pand pandn xorps paddd paddq psubd psubq pcmpeqb pcmpeqd pshufb pminub punpcklqdq");
        Define(["r,x"], "pmovmskb");
        Define(["m,x"], "movntdq movntps");
    }

    /// <summary>Names of all instructions.</summary>
    public static IReadOnlyCollection<string> Names => _forms.Keys;

    /// <summary>True for the name of an instruction.</summary>
    public static bool Contains(string name) => _forms.ContainsKey(name);

    /// <summary>True when <c>rep</c> and its kin may stand before it.</summary>
    public static bool IsRepeatable(string name) => _repeatable.Contains(name);

    /// <summary>True when <c>lock</c> may stand before it (with memory as its first operand).</summary>
    public static bool IsLockable(string name) => _lockable.Contains(name);

    /// <summary>True when operands of different sizes may meet.</summary>
    public static bool MixesSizes(string name) => _anySize.Contains(name);

    /// <summary>True when memory needs a size unless a register gives one.</summary>
    public static bool NeedsSize(string name) => _sized.Contains(name);

    /// <summary>How the assembler spells it in a processor mode.</summary>
    /// <param name="name">The instruction.</param>
    /// <param name="bits">16, 32 or 64.</param>
    public static string Spell(string name, int bits)
    {
        string lower = name.ToLowerInvariant();
        return lower switch
        {
            "retf" when bits == 64 => "o64 retf",
            "iret" when bits == 64 => "iretq",
            "iret" when bits == 32 => "iretd",
            "pushf" when bits == 64 => "pushfq",
            "popf" when bits == 64 => "popfq",
            _ => _spelling.GetValueOrDefault(lower, lower),
        };
    }

    /// <summary>Says whether these operands are one of the instruction's forms.</summary>
    public static bool Accepts(string name, IReadOnlyList<Operand> operands) => _forms[name].Any(form => Matches(form, operands));

    /// <summary>The instruction's forms in words, for an error message.</summary>
    public static string Describe(string name) =>
        string.Join(" or ", _forms[name].Select(form => form.Length == 0 ? "no operand" : string.Join(", ", form.Split(',').Select(DescribeKind))));

    private static bool Matches(string form, IReadOnlyList<Operand> operands)
    {
        string[] kinds = form.Length == 0 ? [] : form.Split(',');
        return kinds.Length == operands.Count && kinds.Zip(operands).All(pair => MatchesKind(pair.First, pair.Second));
    }

    private static bool MatchesKind(string kind, Operand operand) => kind switch
    {
        "m" => operand is MemoryOperand,
        "i" => operand is ImmediateOperand,
        "x" => operand is RegisterOperand { Register.Class: RegisterClass.Vector },
        "cl" or "ax" => operand is RegisterOperand { Register: var register } && register.Name == kind,
        "r" => operand is RegisterOperand { Register.Class: RegisterClass.General },
        _ => operand is RegisterOperand { Register: { Class: RegisterClass.General } register } && $"r{register.Size * 8}" == kind,
    };

    private static string DescribeKind(string kind) => kind switch
    {
        "m" => "memory",
        "i" => "a number",
        "x" => "an XMM register",
        "cl" or "ax" => kind.ToUpperInvariant(),
        "r" => "a general register",
        _ => $"a {kind[1..]}-bit register",
    };

    private static void Define(string[] forms, params string[] names)
    {
        foreach (string name in names.SelectMany(line => line.Split(' ')))
        {
            _forms.Add(name, forms);
        }
    }
}
