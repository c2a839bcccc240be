using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using System.Buffers.Binary;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Loadable;
using CosmosKernel.Tools.Loadable.Link;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tests.Loadable;

public class LinkTests
{
    [Fact]
    public void What_the_kernel_defines_is_bound_to_and_left_out()
    {
        CompiledObject code = Module("Shared", "Own").Repaired();
        ModuleLinker linked = Link(code, Kernel(code, "Shared", "KernelOnly"));
        Assert.Equal(["CosmosModuleEntry", "Own"], linked.CodeSymbols().Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.Contains(linked.Sections[0].Relocations, r => r.Symbol == "Shared");
    }

    [Fact]
    public void Code_that_was_compiled_differently_is_kept_with_all_that_uses_it()
    {
        CompiledObject code = Module("Shared", "Lookup").Repaired();
        SymbolList kernel = Kernel(code, "Shared", "Lookup", "KernelOnly");
        kernel.Symbols["Lookup"] = kernel.Symbols["Lookup"] with { Content = 1 };
        ModuleLinker linked = Link(code, kernel);

        // Shared calls Lookup, and the kernel's Shared calls the kernel's.
        Assert.Equal(["CosmosModuleEntry", "Lookup", "Shared"], linked.CodeSymbols().Select(c => c.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_dictionary_of_another_size_is_refused_by_name()
    {
        var module = new SyntheticModule();
        module.AddData(".data", "__GenericDict_List<String>", new byte[24]);
        module.AddFunction("CosmosModuleEntry");
        CompiledObject code = module.Repaired();
        SymbolList kernel = Kernel(code, "__GenericDict_List<String>");
        kernel.Symbols["__GenericDict_List<String>"] = kernel.Symbols["__GenericDict_List<String>"] with { Size = 16 };
        Assert.Contains("__GenericDict_List<String> has 24 bytes, and 16 in the kernel", Assert.Throws<LoadableException>(() => Link(code, kernel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_exists_nowhere_is_named_with_who_needs_it()
    {
        CompiledObject code = Module("Shared", "Own").Repaired();
        string message = Assert.Throws<LoadableException>(() => Link(code, Kernel(code, "Shared"))).Message;
        Assert.Contains("lacks 1 symbol", message, StringComparison.Ordinal);
        Assert.Contains("Own needs KernelOnly", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_inside_the_module_are_resolved()
    {
        CompiledObject code = Module("Shared", "Own").Repaired();
        ModuleLinker linked = Link(code, Kernel(code, "KernelOnly"));
        Dictionary<string, long> at = linked.CodeSymbols().ToDictionary(c => c.Name, c => c.Offset);
        int field = (int)linked.EntryOffset + 1;
        Assert.Equal(at["CosmosModuleEntry"], linked.EntryOffset);
        Assert.Equal(at["Shared"], field + 4 + BinaryPrimitives.ReadInt32LittleEndian(linked.Sections[0].Bytes[field..]));
        Assert.Equal(["KernelOnly"], linked.Sections[0].Relocations.Select(r => r.Symbol));
    }

    [Fact]
    public void Each_function_has_its_frame_and_the_index_is_sorted()
    {
        CompiledObject code = Module("Shared", "Own").Repaired();
        ModuleLinker linked = Link(code, Kernel(code, "KernelOnly"));
        Assert.Equal(linked.CodeSymbols().Select(c => (uint)c.Offset).Order(), linked.UnwindIndex.Select(i => i.Function));
        OutputSection frames = linked.Sections.Single(s => s.Name == ".eh_frame");
        foreach ((uint function, uint frame) in linked.UnwindIndex)
        {
            // The distance to the common entry, which stands first; then the function.
            Assert.Equal((int)frame + 4, BinaryPrimitives.ReadInt32LittleEndian(frames.Bytes[((int)frame + 4)..]));
            Assert.Contains(frames.Relocations, r => r.Offset == frame + 8 && r.Target?.Name == ".text" && r.Addend == function);
        }
    }

    [Fact]
    public void The_file_has_the_sections_of_the_format_and_repeats()
    {
        CompiledObject code = Module("Shared", "Own").Repaired();
        ModuleLinker linked = Link(code, Kernel(code, "KernelOnly"));
        KeyValuePair<string, string>[] information = [new("name", "test"), new("depends", "")];
        byte[] bytes = ModuleFile.Write(linked, information, new HashSet<string> { "Own" }, new SymbolNames());
        Assert.Equal(bytes, ModuleFile.Write(Link(code, Kernel(code, "KernelOnly")), information, new HashSet<string> { "Own" }, new SymbolNames()));
        var file = ElfFile.Parse(bytes, "test.ko");
        Assert.Equal("name=test\0depends=\0"u8.ToArray(), file.Data(".modinfo").ToArray());
        ElfSymbol[] symbols = [.. file.Symbols];
        Assert.Equal(["KernelOnly"], symbols.Skip(1).Where(s => s.IsUndefined).Select(s => file.NameOf(s)));
        Assert.Equal(["Own"], symbols.Where(s => !s.IsUndefined && s.Binding == ElfSymbolBinding.Global).Select(s => file.NameOf(s)));
        foreach (string bound in (string[])["__start___managedcode", "__stop___managedcode", "__start___unbox", "__stop___unbox", "CosmosModuleEntry"])
        {
            Assert.Contains(symbols, s => s.Binding == ElfSymbolBinding.Local && file.NameOf(s) == bound);
        }
    }

    [Fact]
    public void The_state_of_a_class_constructor_that_the_compiler_has_run_is_made()
    {
        var module = new SyntheticModule();
        module.AddFunction("CosmosModuleEntry", 0, "__NONGCSTATICSSome_Class");
        CompiledObject code = module.Repaired();
        ModuleLinker linked = Link(code, Kernel(code, "__GCSTATICSSome_Class"));
        OutputRelocation state = Assert.Single(linked.Sections[0].Relocations);
        Assert.Equal((".bss", null, 8 - 4), (state.Target?.Name, state.Symbol, state.Addend));
        Assert.Equal(16, linked.Sections.Single(s => s.Name == ".bss").Size);
    }

    // lea rdi, [fields]; cmp qword ptr [rdi - 8], 0; with r8; with r12, which takes a byte more; lea rdi, [fields - 8]; cmp qword ptr [rdi], 0; cmp qword ptr [fields - 8], 0; a plain use; another register.
    [Theory]
    [InlineData("488D3D00000000 48837FF800", 3, -4, "488D3D00000000 4839FF6690")]
    [InlineData("4C8D0500000000 498378F800", 3, -4, "4C8D0500000000 4D39C06690")]
    [InlineData("4C8D2500000000 49837C24F800", 3, -4, "4C8D2500000000 4D39E40F1F00")]
    [InlineData("488D3D00000000 48833F00C3", 3, -12, "488D3D00000000 4839FF90C3")]
    [InlineData("48833D00000000 00C3", 3, -13, "4839C00F1F440000 C3")]
    [InlineData("488D3D00000000 488B07C390", 3, -4, "488D3D00000000 488B07C390")]
    [InlineData("488D3D00000000 488378F800", 3, -4, "488D3D00000000 488378F800")]
    public void A_question_for_a_class_constructors_state_that_does_not_exist_is_answered_with_yes(string code, int field, long addend, string becomes)
    {
        byte[] bytes = Convert.FromHexString(code.Replace(" ", "", StringComparison.Ordinal));
        Assert.False(ConstructorCheck.Remove(bytes, field, addend, out bool isFieldGone));
        Assert.Equal(addend == -13, isFieldGone);
        Assert.Equal(becomes.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_use_of_the_state_that_is_no_question_is_noticed() =>
        Assert.True(ConstructorCheck.Remove(Convert.FromHexString("488D3D00000000E800000000C3"), 3, -12, out _));

    // lea rax, [type]; ret: the word that the loader fills is read instead. Where the type is the module's own, so is its Type object.
    [Theory]
    [InlineData(true, "488B0500000000C3")]
    [InlineData(false, "488D0500000000C3")]
    public void Of_a_type_that_the_kernel_has_there_is_one_Type_object(bool isTheKernels, string becomes)
    {
        CompiledObject code = TypeUse("488D0500000000C3");
        ModuleLinker linked = Link(code, isTheKernels ? Kernel(code, "_ZTV3Int", "_ZTV11RuntimeType") : Kernel(code, "_ZTV11RuntimeType"));
        OutputSection text = linked.Sections[0];
        Assert.Equal(becomes, Convert.ToHexString(text.Bytes.Slice((int)linked.EntryOffset, 8)));
        OutputRelocation use = Assert.Single(text.Relocations);
        Assert.Equal(".data", use.Target?.Name);
        OutputSection data = linked.Sections.Single(s => s.Name == ".data");
        Assert.Equal(isTheKernels, data.Relocations.Any(r => r.Symbol == "CosmosTypeObject:_ZTV3Int" && (long)r.Offset == use.Addend + 4));
    }

    [Fact]
    public void A_use_of_a_Type_object_that_is_not_known_is_refused_by_name()
    {
        CompiledObject code = TypeUse("483B0500000000C3");
        LoadableException refusal = Assert.Throws<LoadableException>(() => Link(code, Kernel(code, "_ZTV3Int", "_ZTV11RuntimeType")));
        Assert.Contains("uses the Type object of", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("_ZTV3Int", refusal.Message, StringComparison.Ordinal);
    }

    private static CompiledObject TypeUse(string code)
    {
        var module = new SyntheticModule();
        module.AddCode("CosmosModuleEntry", Convert.FromHexString(code), 0, (3, "test__RuntimeType_Int"));
        module.AddData(".data", "test__RuntimeType_Int", new byte[24], references: [(0, "_ZTV11RuntimeType"), (16, "_ZTV3Int")]);
        module.AddData(".data", "_ZTV3Int", new byte[24]);
        module.AddData(".data", "test__typemanager_indirection", new byte[8]);
        return module.Repaired();
    }

    // The entry calls Shared, which calls the second function, which calls what only a kernel has.
    private static SyntheticModule Module(string first, string second)
    {
        var module = new SyntheticModule();
        module.AddFunction("CosmosModuleEntry", 5, first);
        module.AddFunction(first, 0, second);
        module.AddFunction(second, 2, "KernelOnly");
        if (second == "Own")
        {
            module.AddData(".data", "test__typemanager_indirection", new byte[8]);
            module.AddData("__modules", "test__module", new byte[8], ElfSectionFlags.Allocate | ElfSectionFlags.Write, (0, "test__typemanager_indirection"), (0, second));
        }

        return module;
    }

    private static SymbolList Kernel(CompiledObject code, params string[] names)
    {
        var kernel = new SymbolList();
        foreach (string name in names)
        {
            kernel.Symbols.Add(name, code.Definitions.ContainsKey(name) ? code.Describe(name) : new SymbolRecord(name, SymbolKind.Code, 1, 1));
        }

        return kernel;
    }

    private static ModuleLinker Link(CompiledObject code, SymbolList kernel) =>
        ModuleLinker.Link(code, Binding.Of(code, [kernel]), [ModuleLinker.Entry], new SymbolNames());
}
