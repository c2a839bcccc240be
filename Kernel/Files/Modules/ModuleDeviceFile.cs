using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Modules;

/// <summary>An open file of a module's device: hands the operations on, and lets no exception through.</summary>
internal sealed class ModuleDeviceFile : OpenFile
{
    private static readonly LockClass s_positionClass = LockClasses.Register("device position");

    private readonly ModuleDevice _device;
    private readonly DeviceFile _file;
    private readonly Mutex _positionLock = new("device position", s_positionClass);

    [GuardedBy(nameof(_positionLock))]
    private long _position;

    public ModuleDeviceFile(in VfsPath path, Inode inode, OpenFlags flags, ModuleDevice device, DeviceFile file)
        : base(path, inode, flags)
    {
        _device = device;
        _file = file;
        file.Opened = this;
    }

    /// <inheritdoc/>
    public override bool IsSeekable => _file.IsSeekable;

    /// <inheritdoc/>
    public override bool SupportsAsync => _file.SupportsAsync;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (!_file.IsSeekable || offset != AtPosition)
        {
            return ReadAt(ref to, offset);
        }

        using (_positionLock.Enter())
        {
            long done = ReadAt(ref to, _position);
            _position += Math.Max(done, 0);
            return done;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        if (!_file.IsSeekable || offset != AtPosition)
        {
            return WriteAt(ref from, offset);
        }

        using (_positionLock.Enter())
        {
            long done = WriteAt(ref from, _position);
            _position += Math.Max(done, 0);
            return done;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin)
    {
        if (!_file.IsSeekable)
        {
            return -(long)Errno.ESPIPE;
        }

        using (_positionLock.Enter())
        {
            long start;
            try
            {
                start = origin switch
                {
                    0 => 0,
                    1 => _position,
                    2 => _file.Size,
                    _ => -1,
                };
            }
            catch (Exception exception)
            {
                return _device.Fault("size", exception);
            }

            if (start < 0 || (offset > 0 && start > long.MaxValue - offset) || start + offset < 0)
            {
                return -(long)Errno.EINVAL;
            }

            _position = start + offset;
            return _position;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        try
        {
            return _file.Control(request, new ControlArgument(argument));
        }
        catch (Exception exception)
        {
            return _device.Fault("ioctl", exception);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override PollEvents Poll(PollWatcher? watcher)
    {
        try
        {
            return _file.Poll(watcher);
        }
        catch (Exception exception)
        {
            _device.Fault("poll", exception);
            return PollEvents.Error;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = null;
        try
        {
            return _file.GetMappedObject(out mapped);
        }
        catch (Exception exception)
        {
            return (Errno)(int)-_device.Fault("mmap", exception);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed()
    {
        try
        {
            _file.Closed();
        }
        catch (Exception exception)
        {
            _device.Fault("close", exception);
        }

        _device.Owner.Put();
    }

    [MightSleep]
    private long ReadAt(ref DataSink to, long offset)
    {
        try
        {
            return _file.Read(ref to, offset);
        }
        catch (Exception exception)
        {
            return _device.Fault("read", exception);
        }
    }

    [MightSleep]
    private long WriteAt(ref DataSource from, long offset)
    {
        try
        {
            return _file.Write(ref from, offset);
        }
        catch (Exception exception)
        {
            return _device.Fault("write", exception);
        }
    }
}
