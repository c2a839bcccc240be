using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

// What a program finds on its stack (System V ABI, AMD64 supplement, 3.4): the number of arguments, pointers to them, pointers to the environment, the auxiliary vector.
internal sealed partial class ProgramLoad
{
    // Ticks a second that times(2) and /proc count in.
    private const ulong ClockTicks = 100;
    private const ulong FsGsBaseCapability = 2;
    private const ulong StackAlignment = 16;
    private const ulong LargestStackShift = 8192;
    private const int RandomBytes = 16;
    private const int PointerBytes = 512;

    // Bytes of a signal frame beside the extended state: siginfo, ucontext, return address, and what alignment may cost (sigaltstack(2), AT_MINSIGSTKSZ).
    private const ulong SignalFrameBytes = 1024;

    [MightSleep]
    private Errno FinishStack(OpenFile file, ElfProgram program, ulong bias, ulong entry, ulong heap, ulong? interpreter)
    {
        ulong argumentsStart = _strings.Pointer;
        ulong pointer = argumentsStart & ~(StackAlignment - 1);
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomBits.Fill(random);
        if (!_limits.NoRandomization)
        {
            pointer -= (RandomBits.Next() % LargestStackShift) & ~(StackAlignment - 1);
        }

        ReadOnlySpan<byte> name = "x86_64\0"u8;
        ulong platform = pointer - (ulong)name.Length;
        ulong randomAt = (platform - RandomBytes) & ~(StackAlignment - 1);
        Errno error = Write(platform, name);
        error = error == Errno.Ok ? Write(randomAt, random) : error;
        if (error != Errno.Ok)
        {
            return error;
        }

        AuxiliaryVector vector = DescribeProgram(program, bias, entry, interpreter, platform, randomAt);
        ReadOnlySpan<byte> auxiliary = vector.Bytes;

        // The count, the pointers and a null pointer behind each kind, the vector: the stack pointer is a multiple of 16.
        ulong words = 1 + (ulong)_argumentCount + 1 + (ulong)_environmentCount + 1;
        ulong stackPointer = (randomAt - (words * sizeof(ulong)) - (ulong)auxiliary.Length) & ~(StackAlignment - 1);
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(count, (ulong)_argumentCount);
        error = Write(stackPointer, count);
        ulong at = stackPointer + sizeof(ulong);
        ulong text = argumentsStart;
        error = error == Errno.Ok ? WritePointers(ref at, ref text, _argumentCount) : error;
        ulong argumentsEnd = text;
        text = _environmentStart;
        error = error == Errno.Ok ? WritePointers(ref at, ref text, _environmentCount) : error;
        error = error == Errno.Ok ? Write(at, auxiliary) : error;
        if (error != Errno.Ok)
        {
            return error;
        }

        Program.StackPointer = stackPointer;
        Program.Name = TaskName(_request.FileName);
        _space.Image = DescribeImage(file, program, bias) with
        {
            HeapStart = heap,
            StackStart = stackPointer,
            ArgumentsStart = argumentsStart,
            ArgumentsEnd = argumentsEnd,
            EnvironmentStart = _environmentStart,
            EnvironmentEnd = text,
            AuxiliaryVector = auxiliary.ToArray(),
        };
        return Errno.Ok;
    }

    /// <summary>The name of a task that executes a file: the last part of the path, cut off.</summary>
    internal static byte[] TaskName(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name[..Math.Min(name.Length, NameBytes)].ToArray();
    }

    private static ProgramImage DescribeImage(OpenFile file, ElfProgram program, ulong bias)
    {
        ulong codeStart = ulong.MaxValue;
        ulong codeEnd = 0;
        ulong dataStart = 0;
        ulong dataEnd = 0;
        foreach (ElfSegment segment in program.Segments)
        {
            ulong start = unchecked(segment.Address + bias);
            ulong end = unchecked(start + segment.FileBytes);
            codeStart = Math.Min(codeStart, start);
            dataStart = Math.Max(dataStart, start);
            dataEnd = Math.Max(dataEnd, end);
            codeEnd = segment.IsExecutable ? Math.Max(codeEnd, end) : codeEnd;
        }

        return new ProgramImage { CodeStart = codeStart, CodeEnd = codeEnd, DataStart = dataStart, DataEnd = dataEnd, File = file.Path };
    }

    // Strings lie one behind the other.
    [MightSleep]
    private Errno WritePointers(ref ulong at, ref ulong text, int count)
    {
        Span<byte> pointers = stackalloc byte[PointerBytes];
        int filled = 0;
        for (int i = 0; i <= count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(pointers[filled..], i < count ? text : 0);
            filled += sizeof(ulong);
            if (i < count)
            {
                Errno error = _strings.FindEnd(text, out text);
                if (error != Errno.Ok)
                {
                    return error;
                }
            }

            if (filled == PointerBytes || i == count)
            {
                Errno error = Write(at, pointers[..filled]);
                if (error != Errno.Ok)
                {
                    return error;
                }

                at += (ulong)filled;
                filled = 0;
            }
        }

        return Errno.Ok;
    }

    private AuxiliaryVector DescribeProgram(ElfProgram program, ulong bias, ulong entry, ulong? interpreter, ulong platform, ulong random)
    {
        Credentials credentials = Program.Credentials;
        ulong headers = program.HeadersAddress == 0 ? 0 : unchecked(program.HeadersAddress + bias);
        AuxiliaryVector vector = new();
        vector.Add(AuxiliaryType.VdsoHeader, _vdso);
        vector.Add(AuxiliaryType.MinimumSignalStack, SignalFrameBytes + (ulong)UserContext.ExtendedStateBytes);
        vector.Add(AuxiliaryType.Hwcap, CpuId.Read(1).Edx);
        vector.Add(AuxiliaryType.PageBytes, AddressSpace.PageBytes);
        vector.Add(AuxiliaryType.ClockTicks, ClockTicks);
        vector.Add(AuxiliaryType.ProgramHeaders, headers);
        vector.Add(AuxiliaryType.ProgramHeaderBytes, ElfConstants.ProgramHeaderBytes);
        vector.Add(AuxiliaryType.ProgramHeaderCount, (ulong)program.Header.HeaderCount);
        vector.Add(AuxiliaryType.InterpreterBase, interpreter ?? 0);
        vector.Add(AuxiliaryType.Flags, 0);
        vector.Add(AuxiliaryType.Entry, entry);
        vector.Add(AuxiliaryType.Uid, credentials.UserId);
        vector.Add(AuxiliaryType.Euid, credentials.EffectiveUserId);
        vector.Add(AuxiliaryType.Gid, credentials.GroupId);
        vector.Add(AuxiliaryType.Egid, credentials.EffectiveGroupId);
        vector.Add(AuxiliaryType.Secure, Program.IsSecure ? 1u : 0u);
        vector.Add(AuxiliaryType.Random, random);
        vector.Add(AuxiliaryType.Hwcap2, CpuId.HasFsGsBase ? FsGsBaseCapability : 0);
        vector.Add(AuxiliaryType.ExecFileName, _fileName);
        vector.Add(AuxiliaryType.Platform, platform);
        return vector;
    }

    [MightSleep]
    private Errno Write(ulong address, ReadOnlySpan<byte> bytes) => _space.WriteRemote(address, bytes) == bytes.Length ? Errno.Ok : Errno.ENOMEM;
}
