using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using Xunit;

namespace CosmosKernel.Files.Tests;

/// <summary>Small values: device numbers, credentials, records of directories, where data goes.</summary>
public sealed class ValueTests
{
    [Theory]
    [InlineData(5u, 1u, 0x501ul)]
    [InlineData(136u, 300u, 0x10882Cul)]
    [InlineData(0u, 7u, 7ul)]
    [InlineData(4095u, 0xFFFFFu, 0xFFFFFFFFul)]
    public void Device_numbers_are_encoded_as_makedev_does(uint major, uint minor, ulong encoded)
    {
        var number = new DeviceNumber(major, minor);
        Assert.Equal(encoded, number.Encoded);
        Assert.Equal(number, DeviceNumber.Decode(encoded));
    }

    [Fact]
    public void Groups_are_found_in_whatever_order_they_were_given()
    {
        var credentials = new Credentials { Groups = [30, 10, 20], FileGroupId = 5 };
        Assert.True(credentials.IsInGroup(10));
        Assert.True(credentials.IsInGroup(30));
        Assert.True(credentials.IsInGroup(5));
        Assert.False(credentials.IsInGroup(11));
        var copy = new Credentials(credentials) { Groups = [1] };
        Assert.False(copy.IsInGroup(10));
        Assert.True(credentials.IsInGroup(10));
    }

    [Fact]
    public void The_real_user_is_checked_with_the_capabilities_that_it_would_have()
    {
        var setUser = new Credentials { UserId = 1000, GroupId = 100 };
        Credentials checkedAs = setUser.ForAccessCheck();
        Assert.Equal(1000u, checkedAs.FileUserId);
        Assert.False(checkedAs.Has(Capability.DacOverride));
        Assert.True(new Credentials { Effective = CapabilitySet.Empty }.ForAccessCheck().Has(Capability.DacOverride));
    }

    [Theory]
    [InlineData(false, 24, 19)]
    [InlineData(true, 24, 18)]
    public void Directory_records_are_aligned_and_have_their_type_where_it_belongs(bool isOld, int length, int nameAt)
    {
        byte[] buffer = new byte[100];
        var sink = new DirectorySink(new DataSink(buffer), isOld);
        Assert.True(sink.Add("abc"u8, 0x1234, 4, 99));
        Assert.Equal(length, sink.Written);
        Assert.Equal(0x34, buffer[0]);
        Assert.Equal(99, buffer[8]);
        Assert.Equal(length, buffer[16]);
        Assert.Equal(4, buffer[isOld ? length - 1 : 18]);
        Assert.Equal("abc\0", Encoding.ASCII.GetString(buffer, nameAt, 4));
        Assert.False(sink.Add(new byte[90], 1, 4, 100));
        Assert.True(sink.IsFull);
        Assert.Equal(length, sink.Written);
    }

    [Fact]
    public void Sinks_and_sources_stop_at_their_end()
    {
        byte[] buffer = new byte[4];
        var sink = new DataSink(buffer);
        Assert.Equal(2, sink.Write("ab"u8));
        Assert.Equal(1, sink.Clear(1));
        Assert.Equal(1, sink.Write("xyz"u8));
        Assert.Equal(0, sink.Write("q"u8));
        Assert.Equal("ab\0x"u8.ToArray(), buffer);
        var source = new DataSource("hello"u8);
        source.Skip(1);
        Assert.Equal(4L, source.Remaining);
        Assert.Equal(3, source.Read(buffer.AsSpan(0, 3)));
        Assert.Equal(1, source.Read(buffer));
        Assert.Equal((byte)'o', buffer[0]);
        Assert.False(source.Faulted);
    }

    [Fact]
    public void A_write_takes_the_set_id_bits_of_programs_only()
    {
        Assert.Equal(0x1EDu, Vfs.WithoutSetId(FileMode.Regular | 0xDED));
        Assert.Equal(0x5A4u & 0xFFF, Vfs.WithoutSetId(FileMode.Regular | 0xDA4));
    }
}
