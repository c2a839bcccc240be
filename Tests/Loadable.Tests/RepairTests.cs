using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tests.Loadable;

public class RepairTests
{
    [Fact]
    public void Each_symbol_of_method_data_gets_to_its_data()
    {
        var module = new SyntheticModule();
        module.AddFunction("First", 5);
        module.AddFunction("Second", 0);
        module.AddFunction("Third", 2);
        CompiledObject code = module.Repaired();
        ElfFile file = code.File;
        Assert.True(file.TryGetSection(".dotnet_eh_table", out ElfSection? section));
        Assert.Equal(
            [(section.Index, 0UL), (section.Index, 6UL), (section.Index, 7UL)],
            ((string[])["_lsda0First", "_lsda0Second", "_lsda0Third"]).Select(n => file.Symbols[code.Definitions[n]]).Select(s => (s.SectionIndex, s.Value)));
    }

    [Fact]
    public void A_second_repair_changes_nothing()
    {
        var module = new SyntheticModule();
        module.AddFunction("First", 5);
        byte[] bytes = module.Write();
        Assert.True(MethodDataRepair.Repair(bytes, "test.o", module.CollectorInformation));
        Assert.False(MethodDataRepair.Repair(bytes, "test.o", module.CollectorInformation));
    }

    [Fact]
    public void A_length_that_is_wrong_is_noticed()
    {
        var module = new SyntheticModule();
        module.AddFunction("First", 5);
        module.CollectorInformation["First"] = 4;
        Assert.Contains("1 bytes", Assert.Throws<LoadableException>(() => MethodDataRepair.Repair(module.Write(), "test.o", module.CollectorInformation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_without_length_is_named()
    {
        var module = new SyntheticModule();
        module.AddFunction("First", 5);
        module.CollectorInformation.Clear();
        Assert.Contains("_lsda0First", Assert.Throws<LoadableException>(() => MethodDataRepair.Repair(module.Write(), "test.o", module.CollectorInformation)).Message, StringComparison.Ordinal);
    }
}
