using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

// ELF files: the program, its interpreter, their segments.
internal sealed partial class ProgramLoad
{
    // Bytes of zeros that are written at once.
    private const int ClearBytes = 512;

    [MightSleep]
    private Errno LoadElf(OpenFile file)
    {
        NoteReadability(file);
        Errno error = ReadElf(file, out MappedObject? contents, out ElfProgram? program);
        if (error != Errno.Ok || contents is null || program is null)
        {
            return error == Errno.Ok ? Errno.ENOEXEC : error;
        }

        OpenFile? interpreter = null;
        try
        {
            MappedObject? interpreterContents = null;
            ElfProgram? interpreterProgram = null;
            if (program.Interpreter is { } name)
            {
                // All that is wrong with it is found before anything is mapped.
                error = OpenInterpreter(contents, name, out interpreter);
                if (error == Errno.Ok)
                {
                    error = ReadElf(interpreter!, out interpreterContents, out interpreterProgram);
                    error = error is Errno.ENOEXEC ? Errno.ELIBBAD : error;
                }

                if (error != Errno.Ok)
                {
                    return error;
                }

                NoteReadability(interpreter!);
            }

            error = ChooseCredentials(file);
            return error != Errno.Ok ? error : MapPrograms(file, contents, program, interpreter, interpreterContents, interpreterProgram);
        }
        finally
        {
            // Only the program itself cannot be written to while it runs.
            interpreter?.EndUse();
            interpreter?.Release();
        }
    }

    [MightSleep]
    private Errno MapPrograms(
        OpenFile file,
        MappedObject contents,
        ElfProgram program,
        OpenFile? interpreter,
        MappedObject? interpreterContents,
        ElfProgram? interpreterProgram)
    {
        // Programs that can be anywhere have a region of their own, in which nothing else is yet.
        ulong bias = 0;
        if (program.Header.IsDynamic)
        {
            ulong mask = program.Alignment - 1;
            ulong place = (_space.Layout.ProgramBase + mask) & ~mask;
            bias = unchecked(place - (program.Start & ~mask));
        }

        Errno error = MapSegments(file, contents, program, bias);
        ulong interpreterBias = 0;
        if (error == Errno.Ok && interpreterProgram is not null)
        {
            error = ReserveInterpreter(interpreterProgram, out interpreterBias);
            error = error == Errno.Ok ? MapSegments(interpreter!, interpreterContents!, interpreterProgram, interpreterBias) : error;
        }

        if (error == Errno.Ok && program.HasExecutableStack)
        {
            error = MakeStackExecutable();
        }

        if (error != Errno.Ok)
        {
            return error;
        }

        ulong entry = unchecked(program.Header.Entry + bias);
        Program.Entry = interpreterProgram is null ? entry : unchecked(interpreterProgram.Header.Entry + interpreterBias);
        if (Program.Entry >= AddressSpace.Limit || entry >= AddressSpace.Limit)
        {
            return Errno.ENOEXEC;
        }

        ulong heap = PlaceHeap(program, bias);
        long vdso = Vdso.Map(_space, _limits.NoRandomization ? 0 : RandomBits.Next());
        if (vdso < 0)
        {
            return (Errno)(-vdso);
        }

        _vdso = (ulong)vdso;
        return FinishStack(file, program, bias, entry, heap, interpreterProgram is null ? null : interpreterBias);
    }

    // The file decides that is no script.
    private Errno ChooseCredentials(OpenFile file)
    {
        bool isRefused = file.Path.Mount is { } mount && (mount.Flags & MountFlags.NoSetId) != 0;
        Inode inode = file.Inode;
        FileCapabilities? capabilities = inode.ExtendedAttributes?.Get(ExtendedAttributes.FileCapabilityName) is { } value && FileCapabilities.TryRead(value, out FileCapabilities read) ? read : null;
        Errno error = ExecCredentials.Compute(
            _request.Walk.Credentials,
            new ExecutedFile(inode.Mode, inode.UserId, inode.GroupId, capabilities),
            isRefused ? ExecRestriction.Mount : _request.Restriction,
            out Credentials credentials,
            out bool isSecure);
        Program.Credentials = credentials;
        Program.IsSecure = isSecure;
        return error;
    }

    [MightSleep]
    private static Errno ReadElf(OpenFile file, out MappedObject? contents, out ElfProgram? program)
    {
        program = null;
        if (file.GetMappedObject(out contents) != Errno.Ok || contents is null)
        {
            return Errno.ENOEXEC;
        }

        Span<byte> start = stackalloc byte[ElfConstants.HeaderBytes];
        Errno error = ObjectReader.Read(contents, 0, start, out int count);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (!ElfHeader.TryRead(start[..count], out ElfHeader header))
        {
            return Errno.ENOEXEC;
        }

        byte[] headers = new byte[header.HeadersBytes];
        error = ObjectReader.Read(contents, header.HeadersOffset, headers, out count);
        if (error != Errno.Ok)
        {
            return error;
        }

        return count == headers.Length && ElfProgram.TryRead(header, headers, out program) ? Errno.Ok : Errno.ENOEXEC;
    }

    [MightSleep]
    private Errno OpenInterpreter(MappedObject contents, in ElfSegment name, out OpenFile? interpreter)
    {
        interpreter = null;
        byte[] path = new byte[(int)name.FileBytes];
        Errno error = ObjectReader.Read(contents, name.Offset, path, out int count);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (count != path.Length)
        {
            return Errno.EIO;
        }

        int nul = path.AsSpan().IndexOf((byte)0);
        return path[^1] != 0 ? Errno.ENOEXEC : Vfs.OpenProgram(_request.Walk, path.AsSpan(0, nul), ResolveFlags.Follow, out interpreter);
    }

    // Finds room for a whole program where mappings go, and tells by how much its addresses are moved.
    [MightSleep]
    private Errno ReserveInterpreter(ElfProgram program, out ulong bias)
    {
        bias = 0;
        if (!program.Header.IsDynamic)
        {
            return Errno.Ok;
        }

        ulong start = program.Start & ~(program.Alignment - 1);
        ulong bytes = AddressSpace.PageUp(program.End - start);
        const MapFlags Flags = MapFlags.Private | MapFlags.Anonymous | MapFlags.NoReserve;
        long place = _space.Map(0, bytes, MemoryProtection.None, Flags, default, program.Alignment);
        if (place < 0)
        {
            return (Errno)(-place);
        }

        bias = unchecked((ulong)place - start);
        return _space.Unmap((ulong)place, bytes);
    }

    [MightSleep]
    private Errno MapSegments(OpenFile file, MappedObject contents, ElfProgram program, ulong bias)
    {
        foreach (ElfSegment segment in program.Segments)
        {
            Errno error = MapSegment(file, contents, segment, unchecked(segment.Address + bias));
            if (error != Errno.Ok)
            {
                // Where nothing may be mapped, as at page zero, no program can be.
                return error is Errno.EEXIST or Errno.EPERM or Errno.EINVAL ? Errno.ENOEXEC : error;
            }
        }

        return Errno.Ok;
    }

    // Pages of the file, what is left of the last one cleared, then pages of zeros.
    [MightSleep]
    private Errno MapSegment(OpenFile file, MappedObject contents, in ElfSegment segment, ulong address)
    {
        const MapFlags Flags = MapFlags.Private | MapFlags.FixedNoReplace;
        MemoryProtection protection = ProtectionOf(segment);
        ulong start = AddressSpace.PageDown(address);
        ulong fileEnd = address + segment.FileBytes;
        ulong end = AddressSpace.PageUp(address + segment.MemoryBytes);
        ulong zeros = start;
        if (segment.FileBytes != 0)
        {
            zeros = AddressSpace.PageUp(fileEnd);
            MappingSource source = new(contents, segment.Offset - (address - start), MemoryProtection.All, file);
            Errno error = MapAt(start, zeros - start, protection, Flags, source);
            if (error == Errno.Ok && segment.MemoryBytes > segment.FileBytes && segment.IsWritable)
            {
                error = Clear(fileEnd, zeros);
            }

            if (error != Errno.Ok)
            {
                return error;
            }
        }

        return zeros < end ? MapAt(zeros, end - zeros, protection, Flags | MapFlags.Anonymous, default) : Errno.Ok;
    }

    [MightSleep]
    private Errno Clear(ulong start, ulong end)
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[ClearBytes];
        while (start < end)
        {
            int count = (int)Math.Min((ulong)ClearBytes, end - start);
            if (_space.WriteRemote(start, zeros[..count]) != count)
            {
                // The file ends before its segment does, or there is no memory.
                return Errno.ENOMEM;
            }

            start += (ulong)count;
        }

        return Errno.Ok;
    }

    [MightSleep]
    private Errno MakeStackExecutable()
    {
        ulong top = _space.Layout.StackTop;
        return _space.Protect(top - AddressSpace.PageBytes, AddressSpace.PageBytes, MemoryProtection.All | MemoryProtection.GrowsDown);
    }

    [MightSleep]
    private ulong PlaceHeap(ElfProgram program, ulong bias)
    {
        ulong data = 0;
        foreach (ElfSegment segment in program.Segments)
        {
            data += segment.IsWritable ? segment.FileBytes : 0;
        }

        ulong heap = AddressSpace.PageUp(unchecked(program.End + bias));
        if (!_limits.NoRandomization)
        {
            heap += _space.Layout.HeapShift;
        }

        _space.SetHeap(heap, data);
        return heap;
    }

    private static MemoryProtection ProtectionOf(in ElfSegment segment)
    {
        MemoryProtection protection = MemoryProtection.None;
        if ((segment.Flags & ElfConstants.SegmentRead) != 0)
        {
            protection |= MemoryProtection.Read;
        }

        if (segment.IsWritable)
        {
            protection |= MemoryProtection.Write;
        }

        if (segment.IsExecutable)
        {
            protection |= MemoryProtection.Execute;
        }

        return protection;
    }
}
