using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Consoles;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Terminals;

/// <summary>The requests of ioctl_console(2) that load fonts, as setfont(8) uses them: KDFONTOP, PIO_FONTRESET, GIO_UNIMAP, PIO_UNIMAP and PIO_UNIMAPCLR. The font is that of all screens that can show one.</summary>
internal static class ConsoleFonts
{
    // struct console_font_op: six fields of four bytes, of which the last is padding, and a pointer.
    private const int OperationBytes = 32;
    private const int DataPlace = 24;

    // Bytes of a row's height that KD_FONT_OP_SET has for each glyph, whatever its height.
    private const int Pitch = 32;
    private const int PairBytes = 4;

    // struct unimapdesc: a number of pairs, and a pointer to them.
    private const int DescriptionBytes = 16;
    private const int PairsPlace = 8;

    private static readonly Mutex s_lock = new("console fonts");

    // Null: each screen has its own.
    [GuardedBy(nameof(s_lock))]
    private static ScreenFont? s_font;

    private enum Operation : uint
    {
        Set,
        Get,
        SetDefault,
        Copy,
    }

    /// <summary>KDFONTOP. Task context.</summary>
    [MightSleep]
    public static Errno Operate([UserAddress] ulong argument)
    {
        Span<byte> operation = stackalloc byte[OperationBytes];
        if (!UserMemory.TryRead(argument, operation))
        {
            return Errno.EFAULT;
        }

        var kind = (Operation)BinaryPrimitives.ReadUInt32LittleEndian(operation);
        if (kind != Operation.Get && !Credentials.Current.Has(Capability.SysTtyConfig))
        {
            return Errno.EPERM;
        }

        using (s_lock.Enter())
        {
            switch (kind)
            {
                case Operation.Set:
                    return Set(operation);
                case Operation.Get:
                    return Get(argument, operation);
                case Operation.SetDefault:
                    return Show(null);
                default:
                    return Errno.ENOSYS;
            }
        }
    }

    /// <summary>PIO_FONTRESET: the screens' own fonts again. Task context.</summary>
    [MightSleep]
    public static Errno Reset()
    {
        if (!Credentials.Current.Has(Capability.SysTtyConfig))
        {
            return Errno.EPERM;
        }

        using (s_lock.Enter())
        {
            return Show(null);
        }
    }

    /// <summary>PIO_UNIMAPCLR: no character has a glyph. Task context.</summary>
    [MightSleep]
    public static Errno ClearMap() => ChangeMap(keepsOthers: false, []);

    /// <summary>GIO_UNIMAP: struct unimapdesc, filled with the pairs of a character and its glyph. A font without a table, and the screens' own, have none. Task context.</summary>
    /// <returns>ENOMEM when there are more than the program has room for; their number is told all the same.</returns>
    [MightSleep]
    public static Errno GetMap([UserAddress] ulong argument)
    {
        Span<byte> description = stackalloc byte[DescriptionBytes];
        if (!UserMemory.TryRead(argument, description))
        {
            return Errno.EFAULT;
        }

        byte[] pairs = [];
        using (s_lock.Enter())
        {
            if (s_font?.Glyphs is { } glyphs)
            {
                pairs = new byte[glyphs.Count * PairBytes];
                int place = 0;
                foreach ((int rune, int glyph) in glyphs)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(pairs.AsSpan(place), (ushort)rune);
                    BinaryPrimitives.WriteUInt16LittleEndian(pairs.AsSpan(place + 2), (ushort)glyph);
                    place += PairBytes;
                }
            }
        }

        int room = BinaryPrimitives.ReadUInt16LittleEndian(description) * PairBytes;
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(description[PairsPlace..]);
        BinaryPrimitives.WriteUInt16LittleEndian(description, (ushort)Math.Min(pairs.Length / PairBytes, ushort.MaxValue));
        if (!UserMemory.TryWrite(argument, description[..2]))
        {
            return Errno.EFAULT;
        }

        if (pairs.Length > room)
        {
            return Errno.ENOMEM;
        }

        return pairs.Length == 0 || UserMemory.TryWrite(address, pairs) ? Errno.Ok : Errno.EFAULT;
    }

    /// <summary>PIO_UNIMAP: struct unimapdesc, pairs of a character and its glyph, which are added to those that are there. Task context.</summary>
    [MightSleep]
    public static Errno SetMap([UserAddress] ulong argument)
    {
        Span<byte> description = stackalloc byte[DescriptionBytes];
        if (!UserMemory.TryRead(argument, description))
        {
            return Errno.EFAULT;
        }

        byte[] pairs = new byte[BinaryPrimitives.ReadUInt16LittleEndian(description) * PairBytes];
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(description[PairsPlace..]);
        if (!UserMemory.TryRead(address, pairs))
        {
            return Errno.EFAULT;
        }

        Dictionary<int, int> glyphs = [];
        for (int i = 0; i < pairs.Length; i += PairBytes)
        {
            glyphs[BinaryPrimitives.ReadUInt16LittleEndian(pairs.AsSpan(i))] = BinaryPrimitives.ReadUInt16LittleEndian(pairs.AsSpan(i + 2));
        }

        return ChangeMap(keepsOthers: true, glyphs);
    }

    [MightSleep]
    private static Errno ChangeMap(bool keepsOthers, Dictionary<int, int> glyphs)
    {
        if (!Credentials.Current.Has(Capability.SysTtyConfig))
        {
            return Errno.EPERM;
        }

        using (s_lock.Enter())
        {
            if (s_font is not { } font)
            {
                // The screens' own fonts have tables of their own, which stay.
                return Errno.Ok;
            }

            if (keepsOthers && font.Glyphs is { } others)
            {
                foreach ((int rune, int glyph) in others)
                {
                    glyphs.TryAdd(rune, glyph);
                }
            }

            return Show(font.With(glyphs));
        }
    }

    [MightSleep]
    [RequiresLock(nameof(s_lock))]
    private static Errno Set(ReadOnlySpan<byte> operation)
    {
        uint width = BinaryPrimitives.ReadUInt32LittleEndian(operation[8..]);
        uint height = BinaryPrimitives.ReadUInt32LittleEndian(operation[12..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(operation[16..]);
        if (width is 0 or > ScreenFont.LargestSize || height is 0 or > ScreenFont.LargestSize || count is 0 or > ScreenFont.MostGlyphs)
        {
            return Errno.EINVAL;
        }

        int rowBytes = ((int)width + 7) / 8;
        byte[] given = new byte[(int)count * Pitch * rowBytes];
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(operation[DataPlace..]);
        if (!UserMemory.TryRead(address, given))
        {
            return Errno.EFAULT;
        }

        int glyphBytes = (int)height * rowBytes;
        byte[] rows = new byte[(int)count * glyphBytes];
        for (int i = 0; i < (int)count; i++)
        {
            given.AsSpan(i * Pitch * rowBytes, glyphBytes).CopyTo(rows.AsSpan(i * glyphBytes));
        }

        return Show(new ScreenFont((int)width, (int)height, (int)count, rows));
    }

    [MightSleep]
    [RequiresLock(nameof(s_lock))]
    private static Errno Get([UserAddress] ulong argument, Span<byte> operation)
    {
        if (s_font is not { } font)
        {
            // The screens' own one has more glyphs than this request can give.
            return Errno.EINVAL;
        }

        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(operation[DataPlace..]);
        int glyphBytes = font.Height * font.RowBytes;
        bool hasRoom = BinaryPrimitives.ReadUInt32LittleEndian(operation[8..]) >= (uint)font.Width
            && BinaryPrimitives.ReadUInt32LittleEndian(operation[12..]) >= (uint)font.Height
            && BinaryPrimitives.ReadUInt32LittleEndian(operation[16..]) >= (uint)font.Count;
        if (address != 0 && !hasRoom)
        {
            return Errno.ENOSPC;
        }

        Span<byte> glyph = stackalloc byte[Pitch * ((ScreenFont.LargestSize + 7) / 8)];
        glyph = glyph[..(Pitch * font.RowBytes)];
        for (int i = 0; address != 0 && i < font.Count; i++)
        {
            glyph.Clear();
            font.Rows.Slice(i * glyphBytes, glyphBytes).CopyTo(glyph);
            if (!UserMemory.TryWrite(address + (ulong)(i * glyph.Length), glyph))
            {
                return Errno.EFAULT;
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(operation[8..], font.Width);
        BinaryPrimitives.WriteInt32LittleEndian(operation[12..], font.Height);
        BinaryPrimitives.WriteInt32LittleEndian(operation[16..], font.Count);
        return UserMemory.TryWrite(argument, operation) ? Errno.Ok : Errno.EFAULT;
    }

    // EINVAL: no screen can show it.
    [MightSleep]
    [RequiresLock(nameof(s_lock))]
    private static Errno Show(ScreenFont? font)
    {
        bool isShown = false;
        foreach (ConsoleOutput output in KernelConsole.Outputs)
        {
            isShown |= output.TrySetFont(font);
        }

        if (isShown)
        {
            s_font = font;
        }

        return isShown ? Errno.Ok : Errno.EINVAL;
    }
}
