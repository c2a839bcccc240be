using System.CommandLine;
using System.IO;

namespace CosmosKernel.Tools.Syscalls;

/// <summary>Writes docs/system-calls.md from the attributes in Kernel/Syscalls.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Option<DirectoryInfo> root = new("--root") { Description = "Folder of the whole tree", DefaultValueFactory = _ => new DirectoryInfo(".") };
        Option<FileInfo> output = new("--output") { Description = "The file to write", Required = true };
        RootCommand command = new("The page of system calls, made from the sources") { root, output };
        command.SetAction(parsed => File.WriteAllText(parsed.GetValue(output)!.FullName, CallDocument.Write(CallSources.Read(parsed.GetValue(root)!.FullName))));
        return command.Parse(arguments).Invoke();
    }
}
