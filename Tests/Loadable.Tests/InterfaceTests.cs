using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Loadable;
using CosmosKernel.Tools.Loadable.Link;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Loadable.Roots;
using Mono.Cecil;
using Xunit;

namespace CosmosKernel.Tests.Loadable;

/// <summary>The assembly that uses all interfaces, and the check that none was forgotten.</summary>
public sealed class InterfaceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("interfaces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void All_interfaces_that_the_kernel_has_are_used_and_those_of_the_module()
    {
        string file = Write("_ZTV30S_P_CoreLib_System_IDisposable", "_ZTV32S_P_CoreLib_System_IComparable_1", "_ZTV39Loadable_Tests_Sample_NotOfThisAssembly");
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
        TypeDefinition all = assembly.MainModule.Types.First(t => t.Name == "All`1");
        List<string> interfaces = [.. all.Interfaces.Select(i => i.InterfaceType.FullName)];
        Assert.Contains("System.IDisposable", interfaces);
        Assert.Contains("System.IComparable`1<System.Object>", interfaces);
        Assert.Contains(typeof(IOwn).FullName!.Replace('+', '/'), interfaces);
        Assert.DoesNotContain("System.ICloneable", interfaces);

        // A type within the constraint is found, since there is one.
        Assert.Contains($"{typeof(IConstrained<>).FullName!.Replace('+', '/')}<{typeof(Sample).FullName!.Replace('+', '/')}>", interfaces);

        // What makes the compiler take all of them for used stands behind them: the base's come first.
        TypeDefinition user = assembly.MainModule.Types.First(t => t.Name == "User`1");
        Assert.Equal(all, user.BaseType.Resolve());
        Assert.Equal("ILast`1", Assert.Single(user.Interfaces).InterfaceType.GetElementType().Name);
        Assert.True(user.Interfaces[0].InterfaceType.Resolve().Methods.Single().HasBody);
    }

    [Fact]
    public void The_names_of_the_interfaces_are_those_of_their_symbols()
    {
        HashSet<string> names = InterfacesWriter.Read(Write("_ZTV30S_P_CoreLib_System_IDisposable", "_ZTV32S_P_CoreLib_System_IComparable_1"));
        Assert.Contains("S_P_CoreLib_System_IDisposable", names);
        Assert.Contains(TypeNames.Definition("_ZTV46S_P_CoreLib_System_IComparable_1<ExpA_Exp_Foo>"), names);
        Assert.DoesNotContain("S_P_CoreLib_System_ICloneable", names);
    }

    [Fact]
    public void A_type_that_lists_an_interface_nobody_used_is_refused_by_name()
    {
        HashSet<string> used = InterfacesWriter.Read(Write("_ZTV30S_P_CoreLib_System_IDisposable"));
        CompiledObject code = TypeWith("_ZTV30S_P_CoreLib_System_IDisposable", "_ZTV29S_P_CoreLib_System_ICloneable");
        LoadableException refusal = Assert.Throws<LoadableException>(() => InterfaceCheck.Run(code, static _ => true, used));
        Assert.Contains("_ZTV29S_P_CoreLib_System_ICloneable, of _ZTV3Foo", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("IDisposable", refusal.Message, StringComparison.Ordinal);
        InterfaceCheck.Run(code, static _ => false, used);
        InterfaceCheck.Run(TypeWith("_ZTV30S_P_CoreLib_System_IDisposable"), static _ => true, used);
    }

    // A method table: two slots, then the interfaces.
    private static CompiledObject TypeWith(params string[] interfaces)
    {
        const int Slots = 2;
        var bytes = new byte[24 + (8 * (Slots + interfaces.Length))];
        bytes[16] = Slots;
        bytes[18] = (byte)interfaces.Length;
        var module = new SyntheticModule();
        module.AddData(".data", "_ZTV3Foo", bytes, references: [(24, "method"), .. interfaces.Select((name, i) => ((ulong)(24 + (8 * (Slots + i))), name))]);
        return CompiledObject.Parse(module.Write(), "test.o");
    }

    private string Write(params string[] symbols)
    {
        var list = new SymbolList();
        foreach (string symbol in symbols)
        {
            list.Symbols.Add(symbol, new SymbolRecord(symbol, SymbolKind.Type, 0, 0));
        }

        string own = typeof(InterfaceTests).Assembly.Location;
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Dictionary<string, string> files = Directory.GetFiles(folder, "System.*.dll").Concat(Directory.GetFiles(Path.GetDirectoryName(own)!, "*.dll"))
            .Where(IsManaged).GroupBy(f => Path.GetFileNameWithoutExtension(f)).ToDictionary(g => g.Key, g => g.First());
        string output = Path.Combine(_folder, "CosmosKernel.Interfaces.dll");
        InterfacesWriter.Write(files, [Path.GetFileNameWithoutExtension(own)], [list], output);
        return output;
    }

    private static bool IsManaged(string file)
    {
        try
        {
            _ = System.Reflection.AssemblyName.GetAssemblyName(file);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }

    internal interface IOwn;

    internal interface IConstrained<T>
        where T : IConstrained<T>;

    internal sealed class Sample : IConstrained<Sample>;
}
