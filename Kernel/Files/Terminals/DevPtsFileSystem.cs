using System;
using System.Buffers.Text;
using System.Globalization;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// devpts: the slaves of pseudo-terminals by number, and a <c>ptmx</c>. There is one; each mount shows the same, and the options of the last mount are for all slaves that are made after it.
/// </summary>
public sealed class DevPtsFileSystem : SystemFileSystem
{
    private const ulong FirstSlaveNumber = 3;
    private const uint DefaultMode = 0x180;

    private readonly PtsDirectory _root;
    private readonly Inode _ptmx;

    [Atomic]
    private int _groupId = -1;

    [Atomic]
    private int _userId = -1;

    [Atomic]
    private uint _slaveMode = DefaultMode;

    internal DevPtsFileSystem(FileSystemType type)
        : base(type)
    {
        _root = new PtsDirectory(this);
        _ptmx = new DeviceNode(this, 2, FileMode.CharacterDevice, 0, 0, new DeviceNumber(5, 2));
    }

    /// <summary>The one that there is.</summary>
    public static DevPtsFileSystem Instance => DevPtsType.Instance.FileSystem;

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    public override string Options
    {
        get
        {
            string options = "mode=" + Convert.ToString(Volatile.Read(ref _slaveMode), 8) + ",ptmxmode=" + Convert.ToString(_ptmx.Mode & FileMode.AccessMask, 8).PadLeft(3, '0');
            int group = Volatile.Read(ref _groupId);
            int user = Volatile.Read(ref _userId);
            options = group < 0 ? options : "gid=" + group.ToString(CultureInfo.InvariantCulture) + "," + options;
            return user < 0 ? options : "uid=" + user.ToString(CultureInfo.InvariantCulture) + "," + options;
        }
    }

    /// <inheritdoc/>
    protected override long Magic => 0x1CD1;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Remount(string options)
    {
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = option.IndexOf('=');
            string name = equals < 0 ? option : option[..equals];
            string value = equals < 0 ? "" : option[(equals + 1)..];
            if (!Apply(name, value))
            {
                return Errno.EINVAL;
            }
        }

        return Errno.Ok;
    }

    internal Inode MakeSlave(int index, Credentials owner)
    {
        int user = Volatile.Read(ref _userId);
        int group = Volatile.Read(ref _groupId);
        return new DeviceNode(
            this, FirstSlaveNumber + (ulong)index, FileMode.CharacterDevice | Volatile.Read(ref _slaveMode),
            user < 0 ? owner.FileUserId : (uint)user, group < 0 ? owner.FileGroupId : (uint)group,
            new DeviceNumber(PseudoTerminal.SlaveMajor, (uint)index));
    }

    private bool Apply(string name, string value)
    {
        switch (name)
        {
            case "newinstance" when value.Length == 0:
                return true;
            case "mode":
                return TryOctal(value, out uint mode) && Set(() => Volatile.Write(ref _slaveMode, mode));
            case "ptmxmode":
                return TryOctal(value, out uint ptmx) && Set(() => _ptmx.SetPermissions(ptmx));
            case "gid":
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int group) && Set(() => Volatile.Write(ref _groupId, group));
            case "uid":
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int user) && Set(() => Volatile.Write(ref _userId, user));
            case "max":
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most == PseudoTerminals.Maximum;
            default:
                return false;
        }

        static bool Set(Action change)
        {
            change();
            return true;
        }
    }

    private static bool TryOctal(string text, out uint value)
    {
        value = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7')
            {
                return false;
            }

            value = (value * 8) + digit - '0';
        }

        return text.Length is > 0 and <= 4 && value <= FileMode.AccessMask;
    }

    private sealed class PtsDirectory(DevPtsFileSystem devpts) : SystemDirectory(devpts, 1, 0x1ED)
    {
        [MightSleep]
        public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
        {
            bool isNumber = Utf8Parser.TryParse(name, out int index, out int used) && used == name.Length && (name[0] != '0' || name.Length == 1);
            inode = name.SequenceEqual("ptmx"u8) ? devpts._ptmx : isNumber ? PseudoTerminals.Find(index)?.Inode : null;
            return inode is null ? Errno.ENOENT : Errno.Ok;
        }

        [MightSleep]
        protected internal override bool TryNext(ref long position, out SystemEntry entry)
        {
            if (position == 0)
            {
                position = 1;
                entry = new SystemEntry("ptmx"u8, devpts._ptmx.Number, devpts._ptmx.Mode);
                return true;
            }

            for (int index = (int)Math.Min(position - 1, int.MaxValue); index < PseudoTerminals.Capacity; index++)
            {
                if (PseudoTerminals.Find(index) is { } terminal)
                {
                    byte[] name = new byte[12];
                    Utf8Formatter.TryFormat(index, name, out int length);
                    position = index + 2;
                    entry = new SystemEntry(name.AsSpan(0, length), terminal.Inode.Number, terminal.Inode.Mode);
                    return true;
                }
            }

            entry = default;
            return false;
        }
    }
}
