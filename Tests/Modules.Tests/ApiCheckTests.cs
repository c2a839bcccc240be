using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.ApiCheck;
using Xunit;

namespace CosmosKernel.Tests.Modules;

/// <summary>The module API's surface: what counts as public, and which version a change asks for.</summary>
public sealed class ApiCheckTests : IDisposable
{
    private readonly Snippet _snippet = new();

    /// <inheritdoc/>
    public void Dispose() => _snippet.Dispose();

    [Fact]
    public void TheSurfaceHasWhatOthersCanNameAndNothingElse()
    {
        SortedSet<string> lines = Read("""
            namespace Api
            {
                public abstract class Base<T> where T : class
                {
                    protected Base(int size) { }
                    public const int Most = 5;
                    public T? Value { get; private set; }
                    protected virtual void Changed(ref int a, out string b, in long c) { b = ""; }
                    public abstract System.Span<byte> Take(int count = 3);
                    protected internal void Both() { }
                    internal void Hidden() { }
                    private protected void HiddenToo() { }
                    public enum Kind { One = 1 }
                    private sealed class Inner { public int X; }
                }
                public readonly ref struct View { public View(int a) { } }
                public static class Tools { public static void Do<T>(this T x) where T : System.IDisposable { } }
                internal sealed class Internal { public int X; }
            }
            namespace Other { public sealed class Elsewhere { } }
            """, "Api.*");
        Assert.Equal(
            [
                "Api.Base<T> : abstract class",
                "Api.Base<T>.Both() : protected System.Void",
                "Api.Base<T>.Changed(ref System.Int32 a, out System.String b, in System.Int64 c) : virtual protected System.Void",
                "Api.Base<T>.Kind : enum",
                "Api.Base<T>.Kind.One : const Api.Base.Kind<T> = 1",
                "Api.Base<T>.Most : const System.Int32 = 5",
                "Api.Base<T>.Take(System.Int32 count = 3) : abstract System.Span<System.Byte>",
                "Api.Base<T>.get_Value() : T",
                "Api.Base<T>.new(System.Int32 size)",
                "Api.Tools : static class",
                "Api.Tools.Do<T : System.IDisposable>(T x) : static System.Void",
                "Api.View : ref struct",
                "Api.View.new(System.Int32 a)",
            ],
            lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheScopeTakesInAndLeavesOut()
    {
        const string source = "namespace A { public class X { } public class Y { } } namespace A.B { public class Z { } } namespace AB { public class W { } }";
        Assert.Equal(["A.X : class", "A.B.Z : class"], Read(source, "A.*", "- A.Y", "# nothing").Where(line => !line.Contains("new(", StringComparison.Ordinal)).OrderByDescending(line => line, StringComparer.Ordinal));
        Assert.Equal(["A.Y : class"], Read(source, "A.Y").Where(line => !line.Contains("new(", StringComparison.Ordinal)));
        Assert.Contains("file(2): expected", Assert.Throws<ApiException>(() => ApiScope.Parse(["A.*", "two words"], "file")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "a b", "1.2.3", "1.2.3")]
    [InlineData("a b", "a b c", "1.2.3", "1.3.0")]
    [InlineData("a b", "a", "1.2.3", "2.0.0")]
    [InlineData("a b", "a c", "1.2.3", "2.0.0")]
    [InlineData("", "a", "0.0.0", "1.0.0")]
    public void AdditionsRaiseTheMinorNumberAndRemovalsTheMajorOne(string before, string after, string version, string expected)
    {
        var change = ApiChange.Between(new SortedSet<string>(before.Split(' ', StringSplitOptions.RemoveEmptyEntries)), new SortedSet<string>(after.Split(' ')));
        Assert.Equal(Version.Parse(expected), change.Raise(Version.Parse(version)));
    }

    [Fact]
    public void TheFileKeepsVersionAndMembers()
    {
        string file = Path.GetTempFileName();
        try
        {
            new ApiFile(new Version(3, 1, 0), ["b", "a"]).Write(file);
            Assert.Equal("version 3.1.0\na\nb\n", File.ReadAllText(file));
            Assert.Equal(new Version(3, 1, 0), ApiFile.Read(file).Version);
            Assert.Equal(["a", "b"], ApiFile.Read(file).Members);
            File.WriteAllText(file, "members\n");
            Assert.Throws<ApiException>(() => ApiFile.Read(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private SortedSet<string> Read(string source, params string[] scope) => ApiReader.Read([_snippet.Compile("#nullable enable\n" + source, withApi: false)], ApiScope.Parse(scope, "file"));
}
