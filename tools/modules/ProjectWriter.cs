using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;

namespace CosmosKernel.Tools.Modules;

/// <summary>Writes the projects of an image: one that builds all modules and lists their assemblies, one that is the image's main assembly.</summary>
internal static class ProjectWriter
{
    /// <summary>A project that builds the modules and writes the paths of their assemblies to <paramref name="assemblyList"/>.</summary>
    public static string Traversal(IEnumerable<string> projects, string assemblyList)
    {
        var text = new StringBuilder("<Project DefaultTargets=\"Build\">\n  <ItemGroup>\n");
        foreach (string project in projects)
        {
            text.Append($"    <Module Include=\"{SecurityElement.Escape(project)}\" />\n");
        }

        text.Append("  </ItemGroup>\n  <Target Name=\"Build\">\n");
        text.Append("    <MSBuild Projects=\"@(Module)\" Targets=\"Restore\" Properties=\"$(Shared);RestoreOnly=1\" />\n");
        text.Append("    <MSBuild Projects=\"@(Module)\" Targets=\"Build\" Properties=\"$(Shared)\" BuildInParallel=\"true\">\n");
        text.Append("      <Output TaskParameter=\"TargetOutputs\" ItemName=\"Assembly\" />\n    </MSBuild>\n");
        text.Append($"    <WriteLinesToFile File=\"{SecurityElement.Escape(assemblyList)}\" Lines=\"@(Assembly)\" Overwrite=\"true\" />\n");
        return text.Append("  </Target>\n</Project>\n").ToString();
    }

    /// <summary>The project of the image's main assembly.</summary>
    public static string Image(string root, IEnumerable<string> projects)
    {
        string references = string.Concat(projects.Prepend(Path.Combine(root, "Kernel/Image/Image.csproj"))
            .Select(project => $"    <ProjectReference Include=\"{SecurityElement.Escape(project)}\" />\n"));
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>$(KernelTargetFramework)</TargetFramework>
                <AssemblyName>CosmosKernel</AssemblyName>
                <RootNamespace>CosmosKernel.Generated</RootNamespace>
                <BaseOutputPath>bin/</BaseOutputPath>
              </PropertyGroup>
              <ItemGroup>
            {references}  </ItemGroup>
            </Project>

            """;
    }

    /// <summary>The project of the assembly that the loader enters a module by. It refers to what the module was built with.</summary>
    public static string Entry(string module, string assembly)
    {
        string folder = SecurityElement.Escape(Path.GetDirectoryName(assembly)!);
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>$(KernelTargetFramework)</TargetFramework>
                <AssemblyName>CosmosModule.{module}</AssemblyName>
                <RootNamespace>CosmosKernel.Generated</RootNamespace>
                <BaseOutputPath>bin/</BaseOutputPath>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{folder}/*.dll" Private="false" />
              </ItemGroup>
            </Project>

            """;
    }
}
