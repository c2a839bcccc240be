using System;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Syscalls;
using Xunit;

namespace CosmosKernel.UserEvents.Tests;

/// <summary>The page of system calls.</summary>
public class SystemCallPageTests
{
    [Fact]
    public void ThePageIsUpToDate()
    {
        string root = FindRoot();
        string page = File.ReadAllText(Path.Combine(root, "docs/system-calls.md"));
        Assert.True(CallDocument.Write(CallSources.Read(root)) == page, "docs/system-calls.md is not what the sources make: run 'make syscalls'");
    }

    [Fact]
    public void AnAttributeIsRead()
    {
        CallEntry call = CallSources.ReadFile("[SystemCall(35, \"nanosleep\", Support.Some, \"a \" + \"b\")] class C;", "here").Single();
        Assert.Equal(new CallEntry(35, "nanosleep", "Some", "a b", "here"), call);
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CosmosKernel.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder!;
    }
}
