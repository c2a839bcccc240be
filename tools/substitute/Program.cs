using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using CosmosKernel.Tools.Substitute;

var inputOption = new Option<FileInfo>("--corelib") { Description = "System.Private.CoreLib.dll of the ILC package", Required = true };
var rulesOption = new Option<FileInfo>("--rules") { Description = "Kernel/Runtime/corelib-substitutions.txt", Required = true };
var outputOption = new Option<FileInfo>("--output") { Description = "the CoreLib that ILC compiles", Required = true };
var root = new RootCommand("Makes bodies of CoreLib methods into calls of the kernel's runtime.") { inputOption, rulesOption, outputOption };
root.SetAction(parsed =>
{
    FileInfo rules = parsed.GetRequiredValue(rulesOption);
    try
    {
        List<Substitution> substitutions = Substitution.Parse(rules.Name, File.ReadLines(rules.FullName));
        CoreLibWriter.Write(parsed.GetRequiredValue(inputOption).FullName, substitutions, parsed.GetRequiredValue(outputOption).FullName);
        Console.WriteLine($"substitute: {substitutions.Count} method bodies of CoreLib");
        return 0;
    }
    catch (Exception failure) when (failure is IOException or FormatException or BadImageFormatException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(failure.Message);
        return 1;
    }
});
return root.Parse(args).Invoke();
