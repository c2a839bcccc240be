using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>The scenarios that the kernel's .NET must pass say what .NET on Linux does.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Scenarios =>
        new(from type in (Type[])[typeof(FileScenarios), typeof(DirectoryScenarios), typeof(ThreadScenarios)]
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            select $"{type.Name}.{method.Name}");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void LinuxDoesWhatTheScenarioSays(string scenario)
    {
        string[] names = scenario.Split('.');
        MethodInfo method = typeof(ScenarioTests).Assembly.GetType($"{typeof(ScenarioTests).Namespace}.{names[0]}")!.GetMethod(names[1])!;
        DirectoryInfo at = Directory.CreateTempSubdirectory("systemio-");
        try
        {
            method.CreateDelegate<Action<string>>()(at.FullName);
        }
        finally
        {
            at.Delete(recursive: true);
        }
    }
}
