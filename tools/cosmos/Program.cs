using System;
using System.CommandLine;
using System.IO;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>Makes the sources of an image that ends at a kernel written for Cosmos.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var assembly = new Option<string>("--assembly") { Description = "The kernel's assembly", Required = true };
        var references = new Option<string>("--references") { Description = "Folder of the assemblies of Kernel/Cosmos", Required = true };
        var output = new Option<string>("--output") { Description = "Folder of the image's generated project", Required = true };
        var root = new Option<string>("--root") { Description = "The project's top folder", DefaultValueFactory = _ => "." };
        var command = new RootCommand("Makes the sources of an image that ends at a kernel written for Cosmos") { assembly, references, output, root };
        command.SetAction(result => Generate(
            Path.GetFullPath(result.GetValue(assembly)!), result.GetValue(references)!, result.GetValue(output)!, Path.GetFullPath(result.GetValue(root)!)));
        try
        {
            return command.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is KernelException or IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"cosmos: {error.Message}");
            return 1;
        }
    }

    private static int Generate(string assembly, string references, string output, string root)
    {
        string kernel = KernelReader.Read(assembly, references);
        Directory.CreateDirectory(output);
        WriteIfChanged(Path.Combine(output, "Kernel.g.cs"), ImageWriter.Source(kernel));
        WriteIfChanged(Path.Combine(output, "Directory.Build.targets"), ImageWriter.Targets(root, assembly));
        return 0;
    }

    private static void WriteIfChanged(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
    }
}
