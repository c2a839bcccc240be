using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosKernel.CoreLibCheck;

var coreLibOption = new Option<FileInfo>("--corelib") { Description = "System.Private.CoreLib.dll of the ILC package", Required = true };
var layoutOption = new Option<FileInfo>("--layout") { Description = "Kernel/Runtime/corelib-layout.txt", Required = true };
var runtimeOption = new Option<FileInfo?>("--runtime") { Description = "CosmosKernel.Runtime.dll: its structures are compared too" };
var xsharpOption = new Option<FileInfo[]>("--xsharp") { Description = "X# sources whose constants are compared", AllowMultipleArgumentsPerToken = true };
var root = new RootCommand("Compares what the runtime takes for granted of CoreLib with the CoreLib that it is built with.")
{
    coreLibOption, layoutOption, runtimeOption, xsharpOption,
};
root.SetAction(parsed =>
{
    try
    {
        List<LayoutFact> facts = LayoutFact.Parse(File.ReadLines(parsed.GetRequiredValue(layoutOption).FullName));
        using var coreLib = new AssemblyFacts(parsed.GetRequiredValue(coreLibOption).FullName);
        using AssemblyFacts? runtime = parsed.GetValue(runtimeOption) is { } file ? new AssemblyFacts(file.FullName) : null;
        IEnumerable<string> sources = (parsed.GetValue(xsharpOption) ?? []).Select(source => File.ReadAllText(source.FullName));
        List<string> messages = LayoutCheck.Compare(facts, coreLib, runtime, sources);
        foreach (string message in messages)
        {
            Console.Error.WriteLine(message);
        }

        if (messages.Count == 0)
        {
            Console.WriteLine($"corelibcheck: {facts.Count} facts hold");
        }

        return messages.Count == 0 ? 0 : 1;
    }
    catch (Exception failure) when (failure is IOException or FormatException or BadImageFormatException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"corelibcheck: error: {failure.Message}");
        return 3;
    }
});
return root.Parse(args).Invoke();
