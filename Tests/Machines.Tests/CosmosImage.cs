using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace CosmosKernel.Machines.Tests;

/// <summary>The image with the examples of <c>Tests/Cosmos</c> but the template, which is one by itself: built once, by the first test that boots it. The boot option <c>cosmos</c> says which one runs.</summary>
public sealed class CosmosImage
{
    /// <summary>What the image is called: as its first kernel.</summary>
    public const string Name = "XSharpCosmos";

    private static readonly string[] s_kernels = [Name, "PluggedCosmos", "ThreadedCosmos", "GraphicsCosmos", "FilesCosmos"];

    private readonly Lazy<Task> _build = new(async () =>
    {
        (int status, string text) = await CosmosBuild.RunAsync(string.Join(' ', s_kernels.Select(name => $"Tests/Cosmos/{name}/{name}.csproj")));
        Assert.True(status == 0, $"the examples did not build:\n{text}");
    });

    /// <summary>Builds it, if nobody has.</summary>
    public Task BuildAsync() => _build.Value;
}
