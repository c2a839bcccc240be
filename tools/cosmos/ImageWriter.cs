using System.IO;
using System.Security;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Writes what makes an image's main assembly (tools/modules writes its project and its list of modules) end at a Cosmos kernel: a source file with the other half of the class
/// <c>ImageModules</c>, and the references that it needs.
/// </summary>
internal static class ImageWriter
{
    /// <summary>The source file.</summary>
    /// <param name="kernel">The kernel's class.</param>
    public static string Source(string kernel) => $$"""
        namespace CosmosKernel.Generated
        {
            internal sealed partial class ImageModules
            {
                public override System.Action Program => static () => new global::{{kernel}}().Start();
            }
        }

        """;

    /// <summary>The file <c>Directory.Build.targets</c> of the image's project.</summary>
    /// <param name="root">The project's top folder.</param>
    /// <param name="assembly">The kernel's assembly.</param>
    public static string Targets(string root, string assembly) => $"""
        <Project>
          <ItemGroup>
            <ProjectReference Include="{SecurityElement.Escape(Path.Combine(root, "Kernel/Cosmos/Cosmos.System2/Cosmos.System2.csproj"))}" />
            <Reference Include="{SecurityElement.Escape(Path.GetFileNameWithoutExtension(assembly))}" HintPath="{SecurityElement.Escape(assembly)}" />
          </ItemGroup>
        </Project>

        """;
}
