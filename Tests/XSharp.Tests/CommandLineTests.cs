using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Text.Json;
using Xunit;

namespace XSharp.Tests;

/// <summary>The program as the build runs it: options, exit status, files, debug information, reproducibility.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xsharp.test.").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void The_object_stands_beside_the_input_unless_named()
    {
        Write("a.xs", "function A { }\n");
        Assert.Equal((0, ""), Run("a.xs"));
        Assert.Equal(1UL, ElfObject.Load(Full("a.o")).Symbol("A").Size);
        Assert.Equal((0, ""), Run("-o", "b.o", "a.xs"));
        Assert.Equal(File.ReadAllBytes(Full("a.o")), File.ReadAllBytes(Full("b.o")));
    }

    [Fact]
    public void Asm_alone_needs_no_object()
    {
        Write("a.xs", "hlt\n");
        Assert.Equal((0, ""), Run("--asm", "a.asm", "a.xs"));
        Assert.Contains("hlt", File.ReadAllText(Full("a.asm")), StringComparison.Ordinal);
        Assert.False(File.Exists(Full("a.o")));
    }

    [Fact]
    public void Constants_come_from_files()
    {
        Write("offsets", "// from C#\nTaskRsp=24\n\nMask = 0xFF\r\nLeast=-8\n");
        Write("more", "Other=1\n");
        Write("a.xs", "RAX = [RDI + #TaskRsp]\nAL = #Mask\nRAX + #Least\nAL = #Other\n");
        Assert.Equal((0, ""), Run("--constants", "offsets", "--constants", "more", "a.xs"));
        Assert.Equal("488B4718B0FF4883C0F8B001", Convert.ToHexString(ElfObject.Load(Full("a.o")).Section(".text").Content));
    }

    [Fact]
    public void Included_files_are_found_beside_the_file_and_in_directories_and_read_once()
    {
        Write("sub/beside.xs", "const Beside = 1\ninclude \"far.xs\"\n");
        Write("lib/far.xs", "const Far = 2\n");
        Write("sub/a.xs", "namespace N\ninclude \"beside.xs\"\ninclude \"far.xs\"\nfunction F {\nAL = #Beside + #Far\n}\n");
        Assert.Equal((0, ""), Run("-I", "lib", "sub/a.xs"));
        Assert.Equal("B003C3", Convert.ToHexString(ElfObject.Load(Full("sub/a.o")).Section(".text").Content));
        Assert.Equal("N_F", Assert.Single(ElfObject.Load(Full("sub/a.o")).Symbols, s => s.IsGlobal).Name);
    }

    [Fact]
    public void An_error_in_an_included_file_names_that_file()
    {
        Write("lib/bad.xs", "// fine\nRAX = EBX\n");
        Write("a.xs", "include \"bad.xs\"\n");
        (int status, string errors) = Run("-I", "lib", "a.xs");
        Assert.Equal(1, status);
        Assert.StartsWith("lib/bad.xs(2,7): error XS4002: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_are_json()
    {
        Write("a.xs", "cli\n! nop\nhlt\n");
        Assert.Equal((0, ""), Run("--stats", "a.json", "a.xs"));
        JsonElement root = JsonDocument.Parse(File.ReadAllText(Full("a.json"))).RootElement;
        Assert.Equal(("a.xs", 2, 1), (root.GetProperty("input").GetString(), root.GetProperty("statements").GetInt32(), root.GetProperty("literalLines").GetInt32()));
    }

    [Fact]
    public void Errors_in_the_input_give_status_1_and_no_object()
    {
        Write("a.xs", "RAX = EBX\n\nbogus\n");
        (int status, string errors) = Run("a.xs");
        Assert.Equal(1, status);
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("a.xs(1,7): error XS4002: expected ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("a.xs(3,1): error XS2001: expected ", lines[1], StringComparison.Ordinal);
        Assert.False(File.Exists(Full("a.o")));
    }

    [Fact]
    public void What_the_assembler_refuses_is_reported_at_its_line()
    {
        Write("a.xs", "cli\n\n! bogus rax, rbx\n");
        (int status, string errors) = Run("a.xs");
        Assert.Equal(1, status);
        Assert.StartsWith("a.xs(3,1): error XS9001: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_gives_status_1()
    {
        (int status, string errors) = Run("missing.xs");
        Assert.Equal(1, status);
        Assert.Contains("missing.xs", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("a.xs", "b.xs")]
    [InlineData("--bogus", "a.xs")]
    [InlineData("a.xs", "-o")]
    public void Bad_usage_gives_status_2_and_the_usage(params string[] arguments)
    {
        (int status, string errors) = Run(arguments);
        Assert.Equal(2, status);
        Assert.Contains("usage: xsharp [-o OUT.o]", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_object_does_not_depend_on_the_folder()
    {
        foreach (string folder in new[] { "one", "a/much/longer/folder" })
        {
            Write(folder + "/src/a.xs", "function A {\nB()\nif = {\nnop\n}\n}\nvar C = 'text'\n");
            Assert.Equal((0, ""), RunIn(Full(folder), "-o", "a.o", "src/a.xs"));
        }

        Assert.Equal(File.ReadAllBytes(Full("one/a.o")), File.ReadAllBytes(Full("a/much/longer/folder/a.o")));
        string text = Encoding.Latin1.GetString(File.ReadAllBytes(Full("one/a.o")));
        Assert.DoesNotContain("/tmp", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_information_names_the_lines_of_the_source()
    {
        Write("src/a.xs", "// first\nfunction A {\n\n    nop\n    +RAX, RBX\n\n}\n");
        Assert.Equal((0, ""), Run("-o", "a.o", "src/a.xs"));
        Assert.Contains("src/a.xs\0", Encoding.Latin1.GetString(ElfObject.Load(Full("a.o")).Section(".debug_line").Content), StringComparison.Ordinal);
        Assert.Equal(["4:0", "5:1", "7:3"], LineTable.Read(ElfObject.Load(Full("a.o")).Section(".debug_line").Content));
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(name))!);
        File.WriteAllText(Full(name), text);
    }

    private string Full(string name) => Path.Combine(_folder, name);

    private (int Status, string Errors) Run(params string[] arguments) => RunIn(_folder, arguments);

    private static (int Status, string Errors) RunIn(string folder, params string[] arguments)
    {
        string program = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = folder, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
