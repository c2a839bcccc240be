using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using XSharp.Text;
using Xunit;

namespace XSharp.Tests;

/// <summary>Compiles and assembles small programs.</summary>
public static class Workbench
{
    /// <summary>Name of the program in positions.</summary>
    public const string FileName = "Test.xs";

    /// <summary>Compiles; errors fail the test.</summary>
    public static string ToAssembly(string program)
    {
        CompilationResult result = Compilation.Compile(FileName, program);
        Assert.Empty(result.Diagnostics.Select(d => d.ToString()));
        return result.Assembly;
    }

    /// <summary>Compiles and assembles.</summary>
    public static ElfObject Compile(string program) => Assemble(ToAssembly(program));

    /// <summary>Assembles NASM text; the same options for the expected and for the actual code.</summary>
    public static ElfObject Assemble(string assembly)
    {
        string folder = Directory.CreateTempSubdirectory("xsharp.test.").FullName;
        try
        {
            string file = Path.Combine(folder, "object.o");
            Assert.Empty(Assembler.Assemble(FileName, assembly, file).Select(d => d.ToString()));
            return ElfObject.Load(file);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>Asserts that statements in a naked function become exactly these instructions, bytes and relocations.</summary>
    public static void AssertSame(string statements, string instructions, int bits = 64, string before = "")
    {
        ElfObject actual = Compile($"{before}bits {bits}\nfunction Test naked {{\n{statements}\n}}\n");
        string outside = instructions.Contains("Thing", StringComparison.Ordinal) ? "extern Thing\n" : "";
        ElfObject expected = Assemble($"bits {bits}\n{outside}section .text\n{instructions}\n");
        Assert.Equal(Convert.ToHexString(expected.Section(".text").Content), Convert.ToHexString(actual.Section(".text").Content));
        Assert.Equal(expected.Relocations(".text"), actual.Relocations(".text"));
    }

    /// <summary>The errors of a program.</summary>
    public static IReadOnlyList<Diagnostic> Errors(string program) => Compilation.Compile(FileName, program).Diagnostics;
}
