using System;
using System.Buffers.Binary;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Processes.Loading;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>Headers of programs, whole and damaged, and first lines of scripts.</summary>
public sealed class ElfTests
{
    private const int Headers = 4;

    [Fact]
    public void AProgramIsUnderstood()
    {
        Assert.True(TryRead(Program(), out ElfProgram? program));
        Assert.Equal(2, program!.Segments.Count);
        Assert.Equal(0x40_0000ul, program.Start);
        Assert.Equal(0x40_3500ul, program.End);
        Assert.Equal(0x40_1000ul, program.Header.Entry);
        Assert.Equal(0x40_0040ul, program.HeadersAddress);
        Assert.Equal(0x20_0000ul, program.Alignment);
        Assert.False(program.HasExecutableStack);
        Assert.Null(program.Interpreter);
        Assert.True(program.Segments[1].IsWritable);
    }

    [Theory]
    [InlineData(0, 0x7E)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(6, 0)]
    [InlineData(16, 1)]
    [InlineData(16, 4)]
    [InlineData(18, 3)]
    [InlineData(20, 2)]
    [InlineData(54, 32)]
    [InlineData(56, 0)]
    public void ADamagedHeaderIsNoProgram(int offset, byte value)
    {
        byte[] file = Program();
        file[offset] = value;
        Assert.False(TryRead(file, out _));
    }

    [Theory]
    [InlineData(32, 0x6000ul)] // more in the file than in memory
    [InlineData(16, 0x7FFF_FFFF_F000ul)] // above user memory
    [InlineData(16, 0xFFFF_FFFF_FFFF_F000ul)]
    [InlineData(40, 0xFFFF_FFFF_FFFF_FFFFul)] // wraps around
    [InlineData(8, 0x123ul)] // offset and address differ within the page
    [InlineData(8, 0xFFFF_FFFF_FFFF_F000ul)]
    public void ADamagedSegmentIsNoProgram(int field, ulong value)
    {
        byte[] file = Program();
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(ElfConstants.HeaderBytes + field), value);
        Assert.False(TryRead(file, out _));
    }

    [Fact]
    public void SegmentsMustAscendAndNotShareAPage()
    {
        byte[] file = Program();
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(ElfConstants.HeaderBytes + ElfConstants.ProgramHeaderBytes + 16), 0x40_0800);
        Assert.False(TryRead(file, out _));
    }

    [Fact]
    public void DamageNeverThrowsAndWhatPassesCanBeMapped()
    {
        Random random = new(4711);
        int passed = 0;
        for (int round = 0; round < 100_000; round++)
        {
            byte[] file = Program();
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int at = random.Next(file.Length);
                file[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0xFF, _ => (byte)(file[at] ^ (1 << random.Next(8))) };
            }

            if (!TryRead(file.AsSpan(0, random.Next(10) == 0 ? random.Next(file.Length) : file.Length), out ElfProgram? program))
            {
                continue;
            }

            passed++;
            ulong end = 0;
            foreach (ElfSegment segment in program!.Segments)
            {
                Assert.True(segment.FileBytes <= segment.MemoryBytes);
                Assert.True(AddressSpace.PageDown(segment.Address) >= AddressSpace.PageUp(end));
                Assert.True(segment.End > segment.Address && segment.End <= AddressSpace.Limit);
                end = segment.End;
            }
        }

        Assert.InRange(passed, 100, 99_000);
    }

    [Theory]
    [InlineData("#!/bin/sh\n", "/bin/sh", "")]
    [InlineData("#! /bin/sh\n", "/bin/sh", "")]
    [InlineData("#!\t /bin/sh  -e  x \t\nmore", "/bin/sh", "-e  x")]
    [InlineData("#!/bin/sh", "/bin/sh", "")]
    [InlineData("#!/bin/sh\0-x\n", "/bin/sh", "")]
    public void AScriptNamesItsInterpreter(string text, string interpreter, string argument)
    {
        Assert.True(ScriptLine.TryRead(System.Text.Encoding.ASCII.GetBytes(text), out ScriptLine line));
        Assert.Equal(interpreter, System.Text.Encoding.ASCII.GetString(line.Interpreter));
        Assert.Equal(argument, System.Text.Encoding.ASCII.GetString(line.Argument));
    }

    [Fact]
    public void AScriptWithoutAWholeNameIsNoProgram()
    {
        Assert.False(ScriptLine.TryRead("#!\n/bin/sh\n"u8, out _));
        Assert.False(ScriptLine.TryRead("#!   \t\n"u8, out _));
        Assert.False(ScriptLine.TryRead("#!"u8, out _));
        byte[] cut = new byte[ScriptLine.LookedAt];
        cut.AsSpan().Fill((byte)'a');
        "#!/"u8.CopyTo(cut);
        Assert.False(ScriptLine.TryRead(cut, out _));

        // Only the argument is cut off.
        cut[20] = (byte)' ';
        Assert.True(ScriptLine.TryRead(cut, out _));
    }

    private static bool TryRead(ReadOnlySpan<byte> file, out ElfProgram? program)
    {
        program = null;
        return ElfHeader.TryRead(file, out ElfHeader header)
            && header.HeadersOffset < (ulong)file.Length
            && ElfProgram.TryRead(header, file[(int)header.HeadersOffset..], out program);
    }

    // Code with the headers, data with zeros behind it, PT_GNU_STACK, and one that nobody knows.
    private static byte[] Program()
    {
        byte[] file = new byte[ElfConstants.HeaderBytes + (Headers * ElfConstants.ProgramHeaderBytes)];
        Span<byte> bytes = file;
        "\u007FELF\u0002\u0001\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], ElfConstants.TypeExecutable);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[18..], ElfConstants.MachineX64);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], 0x40_1000);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], ElfConstants.HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[54..], ElfConstants.ProgramHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[56..], Headers);
        Header(bytes, 0, ElfConstants.SegmentLoad, 5, 0, 0x40_0000, 0x1800, 0x1800, 0x20_0000);
        Header(bytes, 1, ElfConstants.SegmentLoad, 6, 0x2400, 0x40_2400, 0x100, 0x1100, 0x1000);
        Header(bytes, 2, ElfConstants.SegmentGnuStack, 6, 0, 0, 0, 0, 16);
        Header(bytes, 3, 0x6FFF_FFFF, 4, 0, 0, 0, 0, 1);
        return file;
    }

    private static void Header(Span<byte> file, int index, uint type, uint flags, ulong offset, ulong address, ulong fileBytes, ulong memoryBytes, ulong alignment)
    {
        Span<byte> to = file[(ElfConstants.HeaderBytes + (index * ElfConstants.ProgramHeaderBytes))..];
        BinaryPrimitives.WriteUInt32LittleEndian(to, type);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], fileBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], memoryBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], alignment);
    }
}
