using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Substitute;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace CosmosKernel.CoreLibCheck.Tests;

/// <summary>The CoreLib that ILC compiles differs from Microsoft's in the listed bodies and in nothing else.</summary>
public sealed class SubstitutionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("substitute").FullName;

    private static string CoreLib => Path.Combine(
        LayoutTests.Metadata("Packages"), "runtime.linux-x64.microsoft.dotnet.ilcompiler", LayoutTests.Metadata("IlcVersion"), "sdk", "System.Private.CoreLib.dll");

    private static List<Substitution> Listed =>
        Substitution.Parse("list", File.ReadLines(Path.Combine(LayoutTests.Metadata("Root"), "Kernel", "Runtime", "corelib-substitutions.txt")));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_the_listed_bodies_differ()
    {
        using ModuleDefinition original = ModuleDefinition.ReadModule(CoreLib);
        using ModuleDefinition changed = ModuleDefinition.ReadModule(Write(Listed));
        Dictionary<string, string> before = Bodies(original);
        Dictionary<string, string> after = Bodies(changed);
        Assert.Equal(
            Listed.Select(s => $"{s.Type}.{s.Method}").Order(StringComparer.Ordinal),
            before.Where(pair => after[pair.Key] != pair.Value).Select(pair => Short(pair.Key)).Order(StringComparer.Ordinal));
        Assert.Equal(
            Listed.Select(s => $"{s.Type}.{s.Import}").Order(StringComparer.Ordinal),
            after.Keys.Except(before.Keys).Select(Short).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_body_becomes_a_call_of_the_import_with_all_arguments()
    {
        using ModuleDefinition changed = ModuleDefinition.ReadModule(Write(Listed));
        MethodDefinition method = changed.GetType("System.Threading.Thread").Methods.Single(m => m.Name == "SetPriorityLive");
        Assert.Equal(["ldarg.0", "ldarg.1", "call", "ret"], method.Body.Instructions.Select(i => i.OpCode.Name));
        MethodDefinition import = ((MethodReference)method.Body.Instructions[2].Operand).Resolve();
        Assert.True(import.IsInternalCall);
        Assert.Equal(["System.Threading.Thread", "System.Threading.ThreadPriority"], import.Parameters.Select(p => p.ParameterType.FullName));
        Assert.Equal("RhSetThreadPriority", Assert.Single(import.CustomAttributes).ConstructorArguments[0].Value);
    }

    [Fact]
    public void A_body_that_asks_first_stays_behind_the_question()
    {
        using ModuleDefinition original = ModuleDefinition.ReadModule(CoreLib);
        using ModuleDefinition changed = ModuleDefinition.ReadModule(Write(Listed));
        MethodBody before = Method(original).Body;
        MethodBody after = Method(changed).Body;
        Assert.Equal(
            ["ldarg.0", "ldarg.1", "ldarg.2", "ldarg.3", "call", "dup", "brfalse", "ret", "pop", .. before.Instructions.Select(i => i.OpCode.Name)],
            after.Instructions.Select(i => i.OpCode.Name));
        Assert.Same(after.Instructions[8], after.Instructions[6].Operand);

        static MethodDefinition Method(ModuleDefinition module) => module.GetType("Internal.DeveloperExperience.DeveloperExperience").Methods.Single(m => m.Name == "CreateStackTraceString");
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_in_any_folder()
    {
        string first = Write(Listed);
        string second = Write(Listed, "another folder with a longer name");
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(File.ReadAllBytes(Path.ChangeExtension(first, ".pdb")), File.ReadAllBytes(Path.ChangeExtension(second, ".pdb")));
    }

    [Fact]
    public void The_debug_information_is_beside_the_assembly_and_belongs_to_it()
    {
        using ModuleDefinition changed = ModuleDefinition.ReadModule(Write(Listed), new ReaderParameters { ReadSymbols = true });
        Assert.True(changed.HasSymbols);
        Assert.NotEmpty(changed.GetType("System.Threading.Thread").Methods.Single(m => m.Name == "StartCore").DebugInformation.SequencePoints);
    }

    [Theory]
    [InlineData("System.Threading.Thread.Gone -> X : why", "list(1): error: System.Threading.Thread has no method Gone")]
    [InlineData("System.Gone.Method -> X : why", "list(1): error: CoreLib has no type System.Gone")]
    [InlineData("System.Threading.Thread.Join -> X : why", "list(1): error: Join has overloads")]
    [InlineData("System.Threading.Thread.Join", "list(1): error: expected 'TYPE.METHOD -> IMPORT : REASON'")]
    [InlineData("System.Threading.Thread.GetPriorityLive -> X", "list(1): error: expected 'TYPE.METHOD -> IMPORT : REASON'")]
    [InlineData("System.Threading.Thread.GetPriorityLive -> X, or its own : why", "list(1): error: GetPriorityLive returns no reference that could be null")]
    public void A_line_that_fits_nothing_is_an_error_with_its_place(string line, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Write(Substitution.Parse("list", [line]))).Message);

    private string Write(List<Substitution> substitutions, string folder = "")
    {
        string output = Path.Combine(_folder, folder, "System.Private.CoreLib.dll");
        CoreLibWriter.Write(CoreLib, substitutions, output);
        return output;
    }

    private static string Short(string fullName) => fullName[(fullName.IndexOf(' ') + 1)..fullName.IndexOf('(')].Replace("::", ".");

    // Instructions and handlers as text: operands by name, so that renumbered rows compare equal.
    // Overloads that differ in the number of their type parameters alone have one name.
    private static Dictionary<string, string> Bodies(ModuleDefinition module) => AllTypes(module.Types).SelectMany(type => type.Methods)
        .GroupBy(method => method.FullName)
        .ToDictionary(group => group.Key, group => string.Join('\n', group.Select(method => method.HasBody ? Text(method.Body) : "")));

    private static IEnumerable<TypeDefinition> AllTypes(IEnumerable<TypeDefinition> types) => types.SelectMany(type => AllTypes(type.NestedTypes).Prepend(type));

    private static string Text(MethodBody body) =>
        string.Join('\n', body.Instructions) + string.Join('\n', body.ExceptionHandlers.Select(h => $"{h.HandlerType} {h.CatchType} {h.TryStart} {h.HandlerStart} {h.HandlerEnd}"));
}
