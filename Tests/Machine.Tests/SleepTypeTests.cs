using System;
using System.Text;
using CosmosKernel.Machine.Acpi;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class SleepTypeTests
{
    private static byte[] Name(params byte[] package)
    {
        return [0x10, 0x20, 0x08, .. Encoding.ASCII.GetBytes("_S5_"), .. package];
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0x06, 0x04, 0x00, 0x00, 0x00, 0x00 }, 0, 0)]
    [InlineData(new byte[] { 0x12, 0x0A, 0x04, 0x0A, 0x05, 0x0A, 0x07, 0x00, 0x00 }, 5, 7)]
    [InlineData(new byte[] { 0x12, 0x08, 0x02, 0x01, 0x0B, 0x03, 0x00 }, 1, 3)]
    [InlineData(new byte[] { 0x12, 0x0A, 0x02, 0x0C, 0x06, 0x00, 0x00, 0x00, 0x01 }, 6, 1)]
    [InlineData(new byte[] { 0x12, 0x47, 0x00, 0x02, 0x0A, 0x05, 0x0A, 0x05 }, 5, 5)]
    [InlineData(new byte[] { 0x12, 0x03, 0x01, 0x0A, 0x05 }, 5, 0)]
    public void Constant_packages_are_read(byte[] package, byte a, byte b)
    {
        Assert.True(SleepType.TryFind(Name(package), out SleepType type));
        Assert.Equal(a, type.A);
        Assert.Equal(b, type.B);
    }

    [Fact]
    public void A_name_at_the_root_is_found()
    {
        byte[] aml = [0x08, (byte)'\\', .. Encoding.ASCII.GetBytes("_S5_"), 0x12, 0x06, 0x02, 0x0A, 0x05, 0x00];
        Assert.True(SleepType.TryFind(aml, out SleepType type));
        Assert.Equal(5, type.A);
    }

    [Fact]
    public void A_use_of_the_name_is_not_taken_for_its_declaration()
    {
        byte[] use = [0x70, .. Encoding.ASCII.GetBytes("_S5_"), 0x12, 0x06, 0x02, 0x01, 0x01];
        Assert.False(SleepType.TryFind(use, out _));
        byte[] both = [.. use, .. Name(0x12, 0x06, 0x02, 0x0A, 0x04, 0x00)];
        Assert.True(SleepType.TryFind(both, out SleepType type));
        Assert.Equal(4, type.A);
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0x06, 0x00 })]
    [InlineData(new byte[] { 0x12, 0x06, 0x02, 0x0A, 0x08, 0x00 })]
    [InlineData(new byte[] { 0x12, 0x06, 0x02, 0x00, 0xFF })]
    [InlineData(new byte[] { 0x12, 0x06, 0x02, 0x5B, 0x00 })]
    [InlineData(new byte[] { 0x14, 0x06, 0x02, 0x00, 0x00 })]
    public void What_is_no_package_of_two_sleep_types_is_refused(byte[] package)
    {
        Assert.False(SleepType.TryFind(Name(package), out SleepType type));
        Assert.Equal(0, type.A);
    }

    [Fact]
    public void Every_truncation_is_refused_or_complete()
    {
        byte[] aml = Name(0x12, 0x09, 0x02, 0x0C, 5, 0, 0, 0, 0x0C, 6, 0, 0, 0);
        for (int length = 0; length < aml.Length; length++)
        {
            Assert.False(SleepType.TryFind(aml.AsSpan(0, length), out _));
        }

        Assert.True(SleepType.TryFind(aml, out _));
    }

    [Fact]
    public void Random_bytes_around_the_name_never_fail()
    {
        Random random = new(20251);
        byte[] aml = new byte[64];
        int found = 0;
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(aml);
            int at = random.Next(1, 60);
            Encoding.ASCII.GetBytes("_S5_").CopyTo(aml, at);
            aml[at - 1] = 0x08;
            if (at < 59)
            {
                aml[at + 4] = 0x12;
            }

            found += SleepType.TryFind(aml, out SleepType type) ? 1 : 0;
            Assert.InRange(type.A, 0, 7);
            Assert.InRange(type.B, 0, 7);
        }

        Assert.NotEqual(0, found);
    }
}
