using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Writes what makes an image's main assembly (tools/modules writes its project and its list of modules) end at a Cosmos kernel: a source file with the other half of the class
/// <c>ImageModules</c>, and the references that it needs. Kernels may have classes of the same name: each assembly has an alias.
/// </summary>
internal static class ImageWriter
{
    /// <summary>The source file.</summary>
    /// <param name="kernels">The kernels, one or more; the first is the one without a boot option.</param>
    public static string Source(IReadOnlyList<ImageKernel> kernels) => $$"""
        {{string.Concat(kernels.Select((_, i) => $"extern alias kernel{i};\n"))}}
        namespace CosmosKernel.Generated
        {
            internal sealed partial class ImageModules
            {
                public override System.Action Program
                {
                    get
                    {
                        global::CosmosKernel.Files.Managed.DrivePaths.Set(0, "/");
                        if (!global::CosmosKernel.Modules.KernelOptions.TryGet("cosmos", out string name))
                        {
                            return Kernel0;
                        }

                        switch (name)
                        {
        {{string.Concat(kernels.Select((kernel, i) => $"                    case \"{kernel.Name}\":\n                        return Kernel{i};\n"))}}                    default:
                                global::CosmosKernel.Modules.Log.KernelLog.Warning($"boot option cosmos={name}: expected {{string.Join(" or ", kernels.Select(kernel => kernel.Name))}}; running {{kernels[0].Name}}");
                                return Kernel0;
                        }
                    }
                }

        {{string.Concat(kernels.Select((kernel, i) => $"        private static void Kernel{i}() => new kernel{i}::{kernel.ClassName}().Start();\n"))}}    }
        }

        """;

    /// <summary>The file <c>Directory.Build.targets</c> of the image's project.</summary>
    /// <param name="root">The project's top folder.</param>
    /// <param name="kernels">The kernels, in the order that the source has.</param>
    public static string Targets(string root, IReadOnlyList<ImageKernel> kernels) => $"""
        <Project>
          <ItemGroup>
            <ProjectReference Include="{SecurityElement.Escape(Path.Combine(root, "Kernel/Cosmos/Cosmos.System2/Cosmos.System2.csproj"))}" />
        {string.Concat(kernels.Select((kernel, i) => $"    <Reference Include=\"{SecurityElement.Escape(Path.GetFileNameWithoutExtension(kernel.Assembly))}\" HintPath=\"{SecurityElement.Escape(kernel.Assembly)}\" Aliases=\"kernel{i}\" />\n"))}  </ItemGroup>
        </Project>

        """;
}
