using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using Xunit;

namespace CosmosKernel.Block.Tests;

/// <summary>Who hears of which error of write-back.</summary>
public sealed class ErrorSequenceTests
{
    [Fact]
    public void EachOpenFileHearsOnce()
    {
        var errors = new ErrorSequence();
        long first = errors.Sample();
        long second = errors.Sample();
        Assert.Equal(Errno.Ok, errors.Check(ref first));
        errors.Add(Errno.EIO);
        Assert.Equal(Errno.EIO, errors.Check(ref first));
        Assert.Equal(Errno.Ok, errors.Check(ref first));
        Assert.Equal(Errno.EIO, errors.Check(ref second));
        Assert.Equal(Errno.Ok, errors.Check(ref second));
    }

    [Fact]
    public void WhoOpensLaterHearsOfWhatNobodyHeard()
    {
        var errors = new ErrorSequence();
        errors.Add(Errno.ENOSPC);
        long later = errors.Sample();
        Assert.Equal(Errno.ENOSPC, errors.Check(ref later));
        long last = errors.Sample();
        Assert.Equal(Errno.Ok, errors.Check(ref last));
    }

    [Fact]
    public void TheNextErrorIsANewOne()
    {
        var errors = new ErrorSequence();
        long seen = errors.Sample();
        errors.Add(Errno.EIO);
        Assert.Equal(Errno.EIO, errors.Check(ref seen));
        errors.Add(Errno.ENOSPC);
        Assert.Equal(Errno.ENOSPC, errors.Check(ref seen));
        Assert.Equal(Errno.Ok, errors.Check(ref seen));
    }

    [Fact]
    public void SequentialReadsDoubleTheWindow()
    {
        var ahead = new ReadAhead();
        Assert.Equal(4ul, ahead.Miss(0, 1, 32));
        Assert.False(ahead.Use(0));
        Assert.False(ahead.Use(1));
        Assert.True(ahead.Use(2));
        Assert.Equal((4ul, 8ul), ahead.Next(32));
        Assert.True(ahead.Use(4));
        Assert.Equal((12ul, 16ul), ahead.Next(32));
    }

    [Fact]
    public void ReadsElsewhereReadWhatTheyAskFor()
    {
        var ahead = new ReadAhead();
        Assert.Equal(1ul, ahead.Miss(1000, 1, 32));
        ahead.Use(1000);
        Assert.Equal(3ul, ahead.Miss(50, 3, 32));
        ahead.Use(50);
        Assert.Equal(1ul, ahead.Miss(500, 1, 0));
    }
}
