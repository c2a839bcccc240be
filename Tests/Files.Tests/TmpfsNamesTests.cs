using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Files.Tmpfs;
using Xunit;

namespace CosmosKernel.Files.Tests;

/// <summary>Names of a directory beside a dictionary.</summary>
public sealed class TmpfsNamesTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(2000)]
    public void Names_are_found_made_and_removed(int different)
    {
        var random = new Random(different);
        var names = new TmpfsNames();
        var model = new HashSet<string>();
        for (int step = 0; step < 50_000; step++)
        {
            string name = $"name{random.Next(different)}";
            TmpfsName? found = names.Find(Encoding.ASCII.GetBytes(name));
            Assert.Equal(model.Contains(name), found is not null);
            if (found is null)
            {
                names.Add(Encoding.ASCII.GetBytes(name), null!);
                model.Add(name);
            }
            else if (random.Next(2) == 0)
            {
                names.Remove(found);
                model.Remove(name);
            }

            Assert.Equal(model.Count, names.Count);
        }

        Assert.Equal(model, new HashSet<string>(ReadAll(names)));
    }

    [Fact]
    public void Reading_meets_every_name_that_stays_exactly_once_whatever_happens_to_others()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            var names = new TmpfsNames();
            for (int i = 0; i < 60; i++)
            {
                names.Add(Encoding.ASCII.GetBytes($"stays{i}"), null!);
                names.Add(Encoding.ASCII.GetBytes($"goes{i}"), null!);
            }

            var seen = new List<string>();
            long position = 2;
            int made = 0;
            while (names.AtOrAfter(position) is { } next)
            {
                string name = Encoding.ASCII.GetString(next.Name);
                seen.Add(name);
                position = next.Cookie + 1;
                if (names.Find(Encoding.ASCII.GetBytes($"goes{random.Next(60)}")) is { } gone)
                {
                    names.Remove(gone);
                }

                // Some new ones, so that the order is compacted and grows meanwhile.
                for (int i = 0; made < 100 && i < random.Next(4); i++)
                {
                    names.Add(Encoding.ASCII.GetBytes($"new{made++}"), null!);
                }
            }

            Assert.Equal(seen.Count, new HashSet<string>(seen).Count);
            for (int i = 0; i < 60; i++)
            {
                Assert.Contains($"stays{i}", seen);
            }
        }
    }

    private static IEnumerable<string> ReadAll(TmpfsNames names)
    {
        long position = 0;
        while (names.AtOrAfter(position) is { } next)
        {
            yield return Encoding.ASCII.GetString(next.Name);
            position = next.Cookie + 1;
        }
    }
}
