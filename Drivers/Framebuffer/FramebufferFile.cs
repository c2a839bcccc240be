using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Graphics;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>
/// An open /dev/fb0 (Linux, Documentation/fb/api.rst and include/uapi/linux/fb.h): the screen's bytes. The console goes on drawing, unless another mode is set: then the screen is the file's until it is closed,
/// and the console comes back in its own mode.
/// </summary>
/// <param name="display">The screen.</param>
internal sealed class FramebufferFile(PixelDisplay display) : DeviceFile
{
    private const int VariableBytes = 160;
    private const int FixedBytes = 80;
    private const int Chunk = 1024;
    private const int TestOnly = 2;
    private const int ActivateMask = 15;
    private const int TrueColor = 2;

    private readonly object _lock = new();

    // The screen is this file's, in a mode that it has set.
    [GuardedBy(nameof(_lock))]
    private DisplayHandle? _handle;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override long Size => display.Bytes;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        Span<byte> bytes = stackalloc byte[Chunk];
        long count = 0;
        while (to.Remaining > 0 && offset + count < Size)
        {
            Span<byte> part = bytes[..(int)Math.Min(Math.Min((long)to.Remaining, Chunk), Size - offset - count)];
            display.ReadBytes(offset + count, part);
            to.Write(part);
            if (to.Faulted)
            {
                return count > 0 ? count : -(long)Errno.EFAULT;
            }

            count += part.Length;
        }

        return count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        if (offset >= Size)
        {
            return from.Remaining == 0 ? 0 : -(long)Errno.ENOSPC;
        }

        Span<byte> bytes = stackalloc byte[Chunk];
        long count = 0;
        while (from.Remaining > 0 && offset + count < Size)
        {
            Span<byte> part = bytes[..(int)Math.Min(Math.Min((long)from.Remaining, Chunk), Size - offset - count)];
            int read = (int)from.Read(part);
            display.WriteBytes(offset + count, part[..read]);
            count += read;
            if (read < part.Length)
            {
                return count > 0 ? count : -(long)Errno.EFAULT;
            }
        }

        return count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, ControlArgument argument)
    {
        Span<byte> bytes = stackalloc byte[VariableBytes];
        bytes.Clear();
        switch ((FramebufferRequest)request)
        {
            case FramebufferRequest.FBIOGET_VSCREENINFO:
                display.Describe(out DisplayMode mode, out _, out PixelFormat format);
                WriteVariable(bytes, mode, format);
                return argument.TryWrite(bytes) ? 0 : -(long)Errno.EFAULT;
            case FramebufferRequest.FBIOPUT_VSCREENINFO:
                return SetVariable(bytes, argument);
            case FramebufferRequest.FBIOGET_FSCREENINFO:
                WriteFixed(bytes[..FixedBytes]);
                return argument.TryWrite(bytes[..FixedBytes]) ? 0 : -(long)Errno.EFAULT;
            case FramebufferRequest.FBIOPAN_DISPLAY:
                // There is nothing beyond the screen to move to.
                return !argument.TryRead(bytes) ? -(long)Errno.EFAULT : BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) == 0 ? 0 : -(long)Errno.EINVAL;
            default:
                return -(long)Errno.ENOTTY;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = display.Mapped;
        return mapped is null ? Errno.ENODEV : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed()
    {
        lock (_lock)
        {
            _handle?.Dispose();
            _handle = null;
        }
    }

    [MightSleep]
    private long SetVariable(Span<byte> bytes, ControlArgument argument)
    {
        if (!argument.TryRead(bytes))
        {
            return -(long)Errno.EFAULT;
        }

        display.Describe(out DisplayMode mode, out _, out PixelFormat format);
        uint width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint height = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        if (width > ushort.MaxValue || height > ushort.MaxValue || bits != (uint)mode.BitsPerPixel)
        {
            return -(long)Errno.EINVAL;
        }

        var wanted = new DisplayMode((int)width, (int)height, (int)bits);
        if (wanted != mode)
        {
            bool isTest = (BinaryPrimitives.ReadInt32LittleEndian(bytes[84..]) & ActivateMask) == TestOnly;
            Errno error = isTest ? (display.CanShow(wanted) ? Errno.Ok : Errno.EINVAL) : SetMode(wanted);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }

        bytes.Clear();
        WriteVariable(bytes, wanted, format);
        return argument.TryWrite(bytes) ? 0 : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private Errno SetMode(DisplayMode mode)
    {
        if (!display.CanShow(mode))
        {
            return Errno.EINVAL;
        }

        lock (_lock)
        {
            DisplayHandle handle;
            try
            {
                handle = _handle ?? display.Acquire("/dev/fb0");
            }
            catch (InvalidOperationException)
            {
                return Errno.EBUSY;
            }

            if (handle.TrySetMode(mode))
            {
                _handle = handle;
                return Errno.Ok;
            }

            if (handle != _handle)
            {
                // The screen stays the console's.
                handle.Dispose();
            }

            return Errno.EINVAL;
        }
    }

    // struct fb_var_screeninfo: sizes, offsets, depth, the places of the colours, and timings, which are the adapter's own affair.
    private static void WriteVariable(Span<byte> bytes, DisplayMode mode, PixelFormat format)
    {
        Span<int> numbers = [mode.Width, mode.Height, mode.Width, mode.Height, 0, 0, mode.BitsPerPixel, 0, format.RedShift, 8, 0, format.GreenShift, 8, 0, format.BlueShift, 8, 0];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], numbers[i]);
        }

        // The size of the screen in millimetres is not known.
        BinaryPrimitives.WriteInt32LittleEndian(bytes[88..], -1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[92..], -1);
    }

    // struct fb_fix_screeninfo: packed pixels of true colour, where they are, and how long a line is.
    private void WriteFixed(Span<byte> bytes)
    {
        display.Describe(out _, out long pitch, out _);
        "linear"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], display.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], (uint)Math.Min(display.MemoryBytes, uint.MaxValue));
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], TrueColor);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[48..], (uint)pitch);
    }
}
