using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>What the mathematics functions export, and what they must not call.</summary>
public sealed class ExportTests
{
    private const string Namespace = "CosmosKernel.Runtime.FloatingPoint";

    [Fact]
    public void EveryFunctionThatCoreLibAndTheCompilerCallIsExportedOnceWithItsSignature()
    {
        string[] unary =
        [
            "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "ceil", "cos", "cosh", "exp", "floor", "log",
            "log2", "log10", "sin", "sinh", "sqrt", "tan", "tanh",
        ];
        List<string> expected =
        [
            "RhpDbl2Int: Int32 (Double)", "RhpDbl2UInt: UInt32 (Double)", "RhpDbl2Lng: Int64 (Double)", "RhpDbl2ULng: UInt64 (Double)",
        ];
        foreach ((string suffix, string type) in new[] { ("", "Double"), ("f", "Single") })
        {
            expected.AddRange(unary.Select(name => $"{name}{suffix}: {type} ({type})"));
            expected.AddRange(new[] { "atan2", "pow", "fmod" }.Select(name => $"{name}{suffix}: {type} ({type}, {type})"));
            expected.Add($"fma{suffix}: {type} ({type}, {type}, {type})");
            expected.Add($"modf{suffix}: {type} ({type}, {type}*)");
        }

        using AssemblyDefinition assembly = Load();
        List<string> exported =
        [
            .. from method in Methods(assembly)
               from attribute in method.CustomAttributes
               where attribute.AttributeType.FullName == "System.Runtime.RuntimeExportAttribute"
               let parameters = string.Join(", ", method.Parameters.Select(parameter => parameter.ParameterType.Name))
               select $"{attribute.ConstructorArguments[0].Value}: {method.ReturnType.Name} ({parameters})",
        ];
        Assert.Equal(expected.Order(), exported.Order());
    }

    [Fact]
    public void NoFunctionCallsTheFrameworksMathematicsWhichWouldCallItBack()
    {
        using AssemblyDefinition assembly = Load();
        var offenders = new List<string>();
        int calls = 0;
        foreach (MethodDefinition method in Methods(assembly).Where(method => method.HasBody))
        {
            foreach (Instruction instruction in method.Body.Instructions)
            {
                // The signed form is the only one that floating-point operands can have; on them it is a call to fmod.
                if (instruction.OpCode.Code == Code.Rem)
                {
                    offenders.Add($"{method.FullName} uses the remainder operator");
                }

                if (instruction.Operand is MethodReference called)
                {
                    calls++;
                    if (called.DeclaringType.FullName is "System.Math" or "System.MathF")
                    {
                        offenders.Add($"{method.FullName} calls {called.FullName}");
                    }
                }
            }
        }

        Assert.True(calls > 100);
        Assert.Empty(offenders);
    }

    [Fact]
    public void NoTypeHasAClassConstructor()
    {
        using AssemblyDefinition assembly = Load();
        Assert.DoesNotContain(Methods(assembly), method => method.Name == ".cctor");
    }

    private static AssemblyDefinition Load() => AssemblyDefinition.ReadAssembly(typeof(ExportTests).Assembly.Location);

    private static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) =>
        from type in assembly.MainModule.Types
        where type.Namespace == Namespace
        from method in type.Methods
        select method;
}
