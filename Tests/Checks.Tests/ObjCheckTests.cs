using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.ObjCheck.Rules;
using CosmosKernel.Tools.ObjCheck.Walk;
using Xunit;
using static CosmosKernel.Tests.Checks.SyntheticObject;

namespace CosmosKernel.Tests.Checks;

/// <summary>Each rule of the object check is broken on purpose once; code that keeps the rules passes.</summary>
public sealed class ObjCheckTests
{
    private const string Rules = """
        group allocation
            RhpNew*
        group throw
            RhpThrowEx
            ThrowIndex
        group thread-static
            tls_InlinedThreadStatics
        group interface-dispatch
            __InterfaceDispatchCell_*
        group class-constructor
            __Get*StaticBase_*
        context interrupt
            entry Entry
            forbid allocation throw thread-static interface-dispatch class-constructor

        """;

    [Fact]
    public void A_call_is_followed_through_functions_that_leave_no_relocation()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("Middle"), Part.Ret)
            .Function("Middle", Part.Raw(0x53), Part.JumpNear("Last"))
            .Function("Last", Part.Call("RhpNewFast"), Part.Ret);

        Violation violation = Assert.Single(code.Walk(Rules));

        Assert.Equal("interrupt", violation.Context);
        Assert.Equal("allocation: RhpNewFast", violation.Problem);
        Assert.Equal(["entry Entry", "calls Middle", "jumps to Last", "calls RhpNewFast"], violation.Chain.Select(s => $"{s.How} {s.Name}"));
    }

    [Theory]
    [InlineData("RhpThrowEx", "throw: RhpThrowEx")]
    [InlineData("tls_InlinedThreadStatics", "thread-static: tls_InlinedThreadStatics")]
    [InlineData("__InterfaceDispatchCell_X", "interface-dispatch: [interface dispatch of X]")]
    [InlineData("__GetGCStaticBase_S_P_CoreLib_System_Foo", "class-constructor: [static base of System.Foo]")]
    public void Taking_the_address_of_something_forbidden_is_a_violation(string symbol, string problem)
    {
        SyntheticObject code = new SyntheticObject().Function("Entry", Part.LoadAddress(symbol), Part.Ret);

        Assert.Equal(problem, Assert.Single(code.Walk(Rules)).Problem);
    }

    [Fact]
    public void The_address_of_a_function_is_walked_like_a_call()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.LoadAddressNear("Callback"), Part.Ret)
            .Function("Callback", Part.Call("RhpNewArray"), Part.Ret);

        Assert.Equal("refers to", Assert.Single(code.Walk(Rules)).Chain[1].How);
    }

    [Fact]
    public void Code_that_reaches_nothing_forbidden_passes()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("Clean"), Part.Ret)
            .Function("Clean", Part.Raw(0x48, 0x31, 0xC0), Part.Ret)
            .Function("Unreached", Part.Call("RhpNewFast"), Part.Ret);

        Assert.Empty(code.Walk(Rules));
    }

    [Theory]
    [InlineData(0xFF, 0x50, 0x28)]
    [InlineData(0xFF, 0xD1)]
    [InlineData(0x48, 0xFF, 0x60, 0x28)]
    [InlineData(0x48, 0xFF, 0xE1)]
    [InlineData(0x41, 0xFF, 0x12)]
    public void An_indirect_call_or_jump_must_be_declared(params int[] instruction)
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.Raw([.. instruction.Select(b => (byte)b)]), Part.Ret)
            .Function("Target", Part.Call("RhpNewFast"), Part.Ret);

        Assert.Contains("declare where to: indirect Entry -> ", Assert.Single(code.Walk(Rules)).Problem, System.StringComparison.Ordinal);
        Violation declared = Assert.Single(code.Walk($"{Rules}\nindirect Entry -> Target"));
        Assert.Equal(["entry Entry", "calls indirectly Target", "calls RhpNewFast"], declared.Chain.Select(s => $"{s.How} {s.Name}"));
    }

    [Fact]
    public void A_call_through_a_register_that_was_just_loaded_needs_no_declaration()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.LoadAddressNear("Target"), Part.Raw(0xFF, 0xD0), Part.Ret)
            .Function("Target", Part.Ret);

        Assert.Empty(code.Walk(Rules));
    }

    [Fact]
    public void A_cold_helper_is_allowed_only_where_its_call_does_not_return()
    {
        SyntheticObject cold = new SyntheticObject().Function("Entry", Part.Ret, Part.Call("ThrowIndex"), Part.Int3);
        SyntheticObject hot = new SyntheticObject().Function("Entry", Part.Call("ThrowIndex"), Part.Ret);
        string rules = $"{Rules}\nallow-cold ThrowIndex : a failed bounds check is a panic";

        Assert.Equal("throw: ThrowIndex", Assert.Single(cold.Walk(Rules)).Problem);
        Assert.Empty(cold.Walk(rules));
        Assert.Contains("code follows this one", Assert.Single(hot.Walk(rules)).Problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_may_hold_for_one_caller_only()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("Other"), Part.Call("RhpThrowEx"), Part.Int3)
            .Function("Other", Part.Call("RhpThrowEx"), Part.Int3);

        Violation violation = Assert.Single(code.Walk($"{Rules}\nallow-cold Entry -> RhpThrowEx : never comes here"));

        Assert.Equal("Other", violation.Chain[^2].Name);
    }

    [Fact]
    public void A_stop_is_reached_and_not_walked_into()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("Scheduler"), Part.Ret)
            .Function("Scheduler", Part.Call("RhpNewFast"), Part.Ret);

        Assert.Single(code.Walk(Rules));
        Assert.Empty(code.Walk($"{Rules}\nstop Scheduler : runs as a task"));
    }

    [Fact]
    public void A_type_that_was_constructed_at_boot_may_be_asked_for_its_statics()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("__GetGCStaticBase_S_P_CoreLib_System_Foo"), Part.Ret)
            .Function("__GetGCStaticBase_S_P_CoreLib_System_Foo", Part.Ret);

        Assert.Single(code.Walk(Rules));
        Assert.Empty(code.Walk($"{Rules}\nconstructed System.Foo : Start touches it"));
        Assert.Single(code.Walk($"{Rules}\nconstructed System.Bar : Start touches it"));
    }

    [Fact]
    public void Assembly_runs_on_into_the_next_label()
    {
        SyntheticObject code = new SyntheticObject()
            .Label("Entry", Part.Raw(0x50))
            .Label("Next", Part.Call("RhpNewFast"), Part.Ret);

        Assert.Equal(["entry Entry", "runs into Next", "calls RhpNewFast"], Assert.Single(code.Walk(Rules)).Chain.Select(s => $"{s.How} {s.Name}"));
    }

    [Fact]
    public void A_function_in_another_object_is_walked_and_one_in_no_object_is_a_violation()
    {
        SyntheticObject code = new SyntheticObject().Function("Entry", Part.Call("Assembly"), Part.Ret);
        ElfFile other = new SyntheticObject().Function("Assembly", Part.Call("RhpNewFast"), Part.Ret).ToFile("other.o");

        Assert.Equal("allocation: RhpNewFast", Assert.Single(code.Walk(Rules, other)).Problem);
        Assert.Contains("in none of the given objects", Assert.Single(code.Walk(Rules)).Problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_instruction_are_a_violation()
    {
        SyntheticObject code = new SyntheticObject().Function("Entry", Part.Raw(0x06), Part.Ret);

        Assert.Contains("no instruction at +0x0", Assert.Single(code.Walk(Rules)).Problem, System.StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_shows_the_chain_and_the_status_fails_the_build()
    {
        SyntheticObject code = new SyntheticObject()
            .Function("Entry", Part.CallNear("Middle"), Part.Ret)
            .Function("Middle", Part.Call("RhpNewFast"), Part.Ret);

        (int status, string report) = code.Check($"{Rules}\nstop Nothing : no longer there");

        Assert.Equal(1, status);
        Assert.Contains("error: in interrupt context: allocation: RhpNewFast", report, System.StringComparison.Ordinal);
        Assert.Contains("    calls            Middle", report, System.StringComparison.Ordinal);
        Assert.Contains("rules.txt:16: warning: nothing needs this rule any more", report, System.StringComparison.Ordinal);
        Assert.Equal(0, new SyntheticObject().Function("Entry", Part.Ret).Check(Rules).Status);
    }

    [Fact]
    public void An_entry_that_names_no_function_is_an_error_and_not_a_pass()
    {
        RuleException error = Assert.Throws<RuleException>(() => new SyntheticObject().Function("Other", Part.Ret).Walk(Rules));

        Assert.Contains("rules.txt:13: no function is named Entry", error.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frobnicate X", "'frobnicate' is not a rule")]
    [InlineData("context a\nforbid nothing-such", "there is no group 'nothing-such'")]
    [InlineData("context a\nstop X", "needs a reason")]
    [InlineData("context a\nstop X : ", "needs a reason")]
    [InlineData("context a\nindirect X", "expected: indirect METHOD")]
    [InlineData("entry X", "must stand in a context")]
    [InlineData("every-context\nentry X", "must stand in a context")]
    [InlineData("context a\ncontext a", "already is a context")]
    [InlineData("group a\ngroup a", "already is a group")]
    [InlineData("context two words", "name of one word")]
    public void A_bad_line_is_an_error_with_file_and_line(string rules, string problem)
    {
        string[] lines = rules.Split('\n');

        RuleException error = Assert.Throws<RuleException>(() => RuleFile.Parse(lines, "rules.txt"));

        Assert.StartsWith($"rules.txt:{lines.Length}: ", error.Message, System.StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "has no context")]
    [InlineData("context a", "has no entry")]
    [InlineData("context a\nentry X", "forbids nothing")]
    public void Rules_that_would_check_nothing_are_an_error(string rules, string problem)
    {
        RuleException error = Assert.Throws<RuleException>(() => RuleFile.Parse(rules.Split('\n'), "rules.txt"));

        Assert.Contains(problem, error.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A.*", "A.B.C", true)]
    [InlineData("A.*.C", "A.B.D", false)]
    [InlineData("A.?", "A.BC", false)]
    [InlineData("*b*b", "abab", true)]
    [InlineData("a", "A", false)]
    [InlineData("List<int, *>.Add", "List<int, string>.Add", true)]
    public void A_pattern_matches_whole_names(string pattern, string name, bool matches)
    {
        Assert.Equal(matches, new NamePattern(pattern).Matches(name));
    }
}
