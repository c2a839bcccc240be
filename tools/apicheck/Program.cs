using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>Compares the public surface of the module API with the one that stands in the tree, or writes that anew.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var assemblies = new Argument<string[]>("assemblies") { Description = "The API's assemblies", Arity = ArgumentArity.OneOrMore };
        var file = new Option<string>("--file") { Description = "The surface in the tree", Required = true };
        var scope = new Option<string>("--scope") { Description = "Which types are the API", Required = true };
        var source = new Option<string>("--source") { Description = "The C# file that has the version as a constant", Required = true };

        var check = new Command("check", "Fail when the surface has changed and the version has not been raised") { assemblies, file, scope, source };
        check.SetAction(result => Check(result.GetValue(assemblies)!, result.GetValue(file)!, result.GetValue(scope)!, result.GetValue(source)!));
        var write = new Command("write", "Raise the version as the change asks for, and write the surface") { assemblies, file, scope, source };
        write.SetAction(result => Write(result.GetValue(assemblies)!, result.GetValue(file)!, result.GetValue(scope)!, result.GetValue(source)!));

        var module = new Argument<string[]>("modules") { Description = "Assemblies of modules", Arity = ArgumentArity.OneOrMore };
        var kernel = new Option<string[]>("--kernel") { Description = "An assembly of the kernel", Required = true };
        var allow = new Option<string?>("--allow") { Description = "Exceptions, one a line: MODULE uses TYPE : REASON" };
        var uses = new Command("uses", "Fail when a module uses something of the kernel that is not the API") { module, scope, kernel, allow };
        uses.SetAction(result => CheckUses(result.GetValue(module)!, result.GetValue(scope)!, result.GetValue(kernel)!, result.GetValue(allow)));

        try
        {
            return new RootCommand("Guards the module API's compatibility") { check, write, uses }.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is ApiException or IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"apicheck: {error.Message}");
            return 1;
        }
    }

    private static int Check(string[] assemblies, string file, string scope, string source)
    {
        ApiFile known = ApiFile.Read(file);
        ApiScope api = ApiScope.Read(scope);
        ApiChange change = ApiChange.Between(known.Members, ApiReader.Read(assemblies, api));
        Version written = VersionSource.Read(source);
        if (written != known.Version)
        {
            throw new ApiException($"{source}: the API's version is {written} here and {known.Version} in {file}; 'make api' writes both");
        }

        List<string> open = ApiClosure.Find(assemblies, api);
        foreach (string line in open)
        {
            Console.Error.WriteLine($"{scope}(1): error : {line}");
        }

        if (change.IsNone)
        {
            return open.Count == 0 ? 0 : 1;
        }

        Console.Error.WriteLine($"{file}(1): error : the module API has changed, and its version is still {known.Version}:");
        foreach (string line in change.Removed)
        {
            Console.Error.WriteLine($"  - {line}");
        }

        foreach (string line in change.Added)
        {
            Console.Error.WriteLine($"  + {line}");
        }

        string why = change.Removed.Count > 0 ? "modules that use what was removed or changed would not work any more" : "members were added";
        Console.Error.WriteLine($"Its next version is {change.Raise(known.Version)}, because {why}. If that is meant, 'make api' writes version and surface anew; otherwise take the change back.");
        return 1;
    }

    private static int CheckUses(string[] modules, string scope, string[] kernel, string? allow)
    {
        ApiScope api = ApiScope.Read(scope);
        ApiExceptions exceptions = allow is null ? ApiExceptions.Parse([], "") : ApiExceptions.Read(allow);
        int count = 0;
        foreach (string module in modules)
        {
            foreach (string line in ApiUses.Find(module, kernel, api, exceptions))
            {
                Console.Error.WriteLine(line);
                count++;
            }
        }

        return count == 0 ? 0 : 1;
    }

    private static int Write(string[] assemblies, string file, string scope, string source)
    {
        ApiFile known = ApiFile.Read(file);
        var members = ApiReader.Read(assemblies, ApiScope.Read(scope));
        ApiChange change = ApiChange.Between(known.Members, members);
        Version version = change.Raise(known.Version);
        new ApiFile(version, members).Write(file);
        VersionSource.Write(source, version);
        Console.WriteLine($"module API {version}: {members.Count} members, {change.Added.Count} added, {change.Removed.Count} removed");
        return 0;
    }
}
