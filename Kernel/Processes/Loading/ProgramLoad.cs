using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Elf;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

/// <summary>One program being loaded into a new address space: the stack's strings, scripts, then the ELF file and its interpreter.</summary>
[TaskPrivate]
internal sealed partial class ProgramLoad
{
    /// <summary>Interpreters of scripts may be scripts, so many times.</summary>
    public const int MostScripts = 5;

    /// <summary>Bytes of a task's name, without NUL.</summary>
    public const int NameBytes = 15;

    // A stack has so much room below what is on it at the start, before it grows.
    private const ulong StackRoom = 131072;

    private readonly LoadRequest _request;
    private readonly AddressSpace _space;
    private readonly MemoryLimits _limits = MemoryLimits.Current;
    private readonly byte[] _header = new byte[ScriptLine.LookedAt];
    private readonly StringStack _strings;
    private int _headerLength;
    private int _argumentCount;
    private int _environmentCount;
    private ulong _fileName;
    private ulong _environmentStart;
    private ulong _vdso;

    /// <summary>Begins.</summary>
    /// <param name="request">What to load.</param>
    /// <param name="space">Where: an empty address space.</param>
    public ProgramLoad(LoadRequest request, AddressSpace space)
    {
        _request = request;
        _space = space;
        _strings = new StringStack(space, space.Layout.StackTop, _limits.Stack);
        Program = new LoadedProgram(space);
    }

    /// <summary>What comes of it.</summary>
    public LoadedProgram Program { get; }

    /// <summary>Loads it. Task context.</summary>
    [MightSleep]
    public Errno Run()
    {
        Errno error = MapStack();
        if (error == Errno.Ok)
        {
            error = PushStrings();
        }

        if (error != Errno.Ok)
        {
            return error;
        }

        // The request's file is the caller's; interpreters of scripts are opened here.
        OpenFile file = _request.File;
        file.AddReference();
        try
        {
            error = FindBinary(ref file);
            return error == Errno.Ok ? LoadElf(file) : error;
        }
        finally
        {
            file.Release();
        }
    }

    [MightSleep]
    private Errno MapStack()
    {
        const MapFlags Flags = MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed | MapFlags.GrowsDown | MapFlags.Stack;
        ulong bytes = Math.Min(StackRoom + AddressSpace.PageBytes, Math.Max(AddressSpace.PageDown(_limits.Stack), AddressSpace.PageBytes));
        return MapAt(_space.Layout.StackTop - bytes, bytes, MemoryProtection.Read | MemoryProtection.Write, Flags, new MappingSource { Label = "[stack]" });
    }

    // From the top: the file's name, the environment, the arguments.
    [MightSleep]
    private Errno PushStrings()
    {
        Errno error = _strings.Push(_request.FileName);
        _fileName = _strings.Pointer;
        if (error == Errno.Ok)
        {
            error = _strings.PushAll(_request.Environment, out _environmentCount);
        }

        _environmentStart = _strings.Pointer;
        if (error == Errno.Ok)
        {
            error = _strings.PushAll(_request.Arguments, out _argumentCount);
        }

        // No program is prepared to have no name: it gets an empty one.
        if (error == Errno.Ok && _argumentCount == 0)
        {
            error = _strings.Reserve(1, out _argumentCount);
            error = error == Errno.Ok ? _strings.Push([]) : error;
        }

        return error;
    }

    // Follows the interpreters of scripts to a file that is none.
    [MightSleep]
    private Errno FindBinary(ref OpenFile file)
    {
        byte[] path = _request.FileName;
        for (int scripts = 0; ; scripts++)
        {
            Errno error = ReadHeader(file);
            if (error != Errno.Ok || !ScriptLine.IsScript(_header.AsSpan(0, _headerLength)))
            {
                return error;
            }

            if (!ScriptLine.TryRead(_header.AsSpan(0, _headerLength), out ScriptLine line))
            {
                return Errno.ENOEXEC;
            }

            if (scripts >= MostScripts)
            {
                return Errno.ELOOP;
            }

            if (_request.IsUnreachable)
            {
                return Errno.ENOENT;
            }

            byte[] interpreter = line.Interpreter.ToArray();
            error = ReplaceArguments(path, line.Argument, interpreter);
            OpenFile? next = null;
            if (error == Errno.Ok)
            {
                error = Vfs.OpenProgram(_request.Walk, interpreter, ResolveFlags.Follow, out next);
            }

            if (error != Errno.Ok || next is null)
            {
                return error;
            }

            NoteReadability(file);
            file.Release();
            file = next;
            path = interpreter;
        }
    }

    // INTERPRETER [ARGUMENT] SCRIPT in the place of the first argument.
    [MightSleep]
    private Errno ReplaceArguments(byte[] script, ReadOnlySpan<byte> argument, byte[] interpreter)
    {
        Errno error = _strings.Pop();
        _argumentCount--;
        if (error == Errno.Ok)
        {
            error = PushArgument(script);
        }

        if (error == Errno.Ok && !argument.IsEmpty)
        {
            error = PushArgument(argument);
        }

        return error == Errno.Ok ? PushArgument(interpreter) : error;
    }

    [MightSleep]
    private Errno PushArgument(ReadOnlySpan<byte> text)
    {
        Errno error = _strings.Reserve(1, out _);
        _argumentCount++;
        return error == Errno.Ok ? _strings.Push(text) : error;
    }

    [MightSleep]
    private Errno ReadHeader(OpenFile file)
    {
        Errno error = file.GetMappedObject(out MappedObject? contents);
        if (error != Errno.Ok || contents is null)
        {
            // What cannot be mapped is no program.
            return Errno.ENOEXEC;
        }

        _header.AsSpan().Clear();
        error = ObjectReader.Read(contents, 0, _header, out _headerLength);
        if (error == Errno.Ok)
        {
            FileNotify.Read(file);
        }

        return error;
    }

    // Who may execute a file but not read it must not read it from the process.
    private void NoteReadability(OpenFile file)
    {
        const int Read = 4;
        Program.IsReadable &= Vfs.CheckAccess(file.Inode, _request.Walk.Credentials, Read) == Errno.Ok;
    }

    [MightSleep]
    private Errno MapAt(ulong start, ulong bytes, MemoryProtection protection, MapFlags flags, in MappingSource source)
    {
        long result = _space.Map(start, bytes, protection, flags, source);
        return result < 0 ? (Errno)(-result) : Errno.Ok;
    }
}
