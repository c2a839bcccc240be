using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>Makes a node for each input device.</summary>
/// <param name="context">Owns the nodes.</param>
internal sealed class EventHandler(ModuleContext context) : InputHandler
{
    /// <summary>Of all input nodes.</summary>
    public const uint Major = 13;

    private const uint FirstMinor = 64;
    private const int MostNodes = 32;

    // Connecting and disconnecting happen one at a time, under the input core's lock.
    [Protocol("Touched with the input core's lock held.")]
    private readonly Dictionary<int, Node> _nodes = [];

    /// <inheritdoc/>
    public override string Name => "evdev";

    /// <inheritdoc/>
    public override string NameOf(InputHandle handle) => handle is EventHandle node ? NodeName(node.Number) : Name;

    /// <inheritdoc/>
    [MightSleep]
    public override InputHandle? Connect(InputDevice device)
    {
        int number = 0;
        while (_nodes.ContainsKey(number))
        {
            number++;
        }

        if (number == MostNodes)
        {
            context.Log.Warning($"'{device.Name}' gets no node: there are {MostNodes}");
            return null;
        }

        var handle = new EventHandle(device, number);
        var options = new DeviceNodeOptions { Name = "input/" + NodeName(number), Mode = 0x1B0, Major = Major, FirstMinor = FirstMinor + (uint)number, Class = "input" };
        DeviceRegistration node = context.AddCharacterDevice(options, new Driver(handle));
        List<IDisposable> entries = [];
        _nodes[number] = new Node(node, entries);
        try
        {
            entries.AddRange(DeviceTree.Add(context, device));
            entries.Add(context.AddSysLink($"class/input/{NodeName(number)}", $"../../devices/virtual/input/input!{NodeName(number)}"));
        }
        catch
        {
            Disconnect(handle);
            throw;
        }

        return handle;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Disconnect(InputHandle handle)
    {
        var gone = (EventHandle)handle;
        gone.Close();
        if (_nodes.Remove(gone.Number, out Node? node))
        {
            context.Release(node.Registration);
            foreach (IDisposable entry in node.Entries)
            {
                context.Release(entry);
            }
        }
    }

    private static string NodeName(int number) => string.Create(CultureInfo.InvariantCulture, $"event{number}");

    private sealed record Node(IDisposable Registration, IReadOnlyList<IDisposable> Entries);

    private sealed class Driver(EventHandle handle) : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            var reader = new EventReader();
            file = handle.TryAdd(reader) ? new EventFile(handle, reader) : null;
            return file is null ? Errno.ENODEV : Errno.Ok;
        }
    }
}
