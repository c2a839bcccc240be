using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Modules;

/// <summary>A character device of a module: its numbers, its nodes in /dev and its entries in /sys. Disposing of it takes all of them away; files that are open stay so, and keep the module.</summary>
public sealed class DeviceRegistration : IDisposable
{
    private readonly object _lock = new();
    private readonly CharacterDevice _device;

    [GuardedBy(nameof(_lock))]
    private readonly List<IDisposable> _parts = [];

    internal DeviceRegistration(CharacterDevice device, uint major, uint firstMinor)
    {
        _device = device;
        Major = major;
        FirstMinor = firstMinor;
    }

    /// <summary>Major number of all its nodes.</summary>
    public uint Major { get; }

    /// <summary>Minor number of its first node.</summary>
    public uint FirstMinor { get; }

    /// <inheritdoc/>
    [MightSleep]
    public void Dispose()
    {
        IDisposable[] parts;
        lock (_lock)
        {
            parts = [.. _parts];
            _parts.Clear();
        }

        CharacterDevices.Unregister(_device);
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            parts[i].Dispose();
        }
    }

    [MightSleep]
    internal void AddNodes(DeviceNodeOptions options)
    {
        for (uint i = 0; i < options.Count; i++)
        {
            string path = options.Count == 1 ? options.Name : $"{options.Name}{i}";
            var number = new DeviceNumber(Major, FirstMinor + i);
            Add(DeviceNodes.Add(path, FileMode.CharacterDevice | (options.Mode & FileMode.PermissionMask), options.GroupId, number));

            // As Linux names them: a slash would be another folder.
            string name = path.Replace('/', '!');
            string numbers = $"{number.Major}:{number.Minor}";
            string folder = $"devices/virtual/{options.Class}/{name}";
            Add(SystemTree.Sys.Add($"{folder}/dev", to => to.Add(numbers).Line()));
            Add(SystemTree.Sys.Add($"{folder}/uevent", to => to.Add("MAJOR="u8).Add((long)number.Major).Add("\nMINOR="u8).Add((long)number.Minor).Add("\nDEVNAME="u8).Add(path).Line()));
            Add(SystemTree.Sys.AddLink($"class/{options.Class}/{name}", $"../../{folder}"));
            Add(SystemTree.Sys.AddLink($"dev/char/{numbers}", $"../../{folder}"));
        }
    }

    [MightSleep]
    private void Add(IDisposable part)
    {
        lock (_lock)
        {
            _parts.Add(part);
        }
    }
}
