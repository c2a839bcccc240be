using System;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Cosmos;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Which class of an assembly is the kernel, and what is refused.</summary>
public sealed class KernelReaderTests : IDisposable
{
    // The names that matter, of which the real ones are in Kernel/Cosmos.
    private const string Api = """
        namespace Cosmos.System { public abstract class Kernel { protected abstract void Run(); } }
        """;

    private const string Good = "public class Mine : Cosmos.System.Kernel { protected override void Run() { } }";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cosmos-tests-");

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void TheOneKernelIsFound() => Assert.Equal("Os.Mine", Read($"namespace Os {{ {Good} public class Other {{ }} }}"));

    [Fact]
    public void AKernelMayDeriveThroughAClassOfItsOwn() => Assert.Equal(
        "Mine", Read("public abstract class Base : Cosmos.System.Kernel { } public class Mine : Base { protected override void Run() { } }"));

    [Fact]
    public void ANestedKernelIsNamedAsCSharpNamesIt() => Assert.Equal("Outer.Mine", Read($"public static class Outer {{ {Good} }}"));

    [Theory]
    [InlineData("public class Other { }", "found none")]
    [InlineData("public abstract class Mine : Cosmos.System.Kernel { }", "found none")]
    [InlineData(Good + "public class Yours : Mine { }", "found Mine, Yours")]
    [InlineData("class Mine : Cosmos.System.Kernel { protected override void Run() { } }", "expected a public class")]
    [InlineData("public class Mine : Cosmos.System.Kernel { public Mine(int i) { } protected override void Run() { } }", "constructor without parameters")]
    [InlineData("public class Mine<T> : Cosmos.System.Kernel { protected override void Run() { } }", "expected a public class")]
    public void AnythingElseIsRefusedAndNamed(string source, string expected)
    {
        KernelException error = Assert.Throws<KernelException>(() => Read(source));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("kernel.dll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfSeveralTheStartupObjectSaysWhich() => Assert.Equal("Yours", Read(Good + "public class Yours : Mine { }", "Yours"));

    [Fact]
    public void AStartupObjectThatIsNoKernelIsRefused()
    {
        KernelException error = Assert.Throws<KernelException>(() => Read(Good + "public class Other { }", "Other"));
        Assert.Contains("StartupObject names Other; expected a class that derives from Cosmos.System.Kernel, found Mine", error.Message, StringComparison.Ordinal);
    }

    private string Read(string source, string start = "")
    {
        string api = Compile("Cosmos.System2", Api);
        return KernelReader.Read(Compile("kernel", source, api), _folder.FullName, start);
    }

    private string Compile(string name, string source, params string[] references)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] framework = ["System.Private.CoreLib.dll", "System.Runtime.dll"];
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source)],
            framework.Select(file => Path.Combine(runtime, file)).Concat(references).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        string path = Path.Combine(_folder.FullName, name + ".dll");
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return path;
    }
}
