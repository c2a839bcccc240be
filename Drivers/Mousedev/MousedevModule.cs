using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>All mice as one that speaks PS/2: /dev/input/mice.</summary>
[Module("mousedev", Description = "all mice as /dev/input/mice", License = "MIT", Author = "CosmosKernel")]
public sealed class MousedevModule : KernelModule
{
    private const uint Major = 13;
    private const uint MiceMinor = 63;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        var readers = new MiceReaders();
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "input/mice", Mode = 0x1B0, Major = Major, FirstMinor = MiceMinor, Class = "input" }, new Driver(readers));
        context.AddInputHandler(new MiceHandler(readers));
    }

    private sealed class MiceHandler(MiceReaders readers) : InputHandler
    {
        private const ushort LeftButton = 0x110;

        public override string Name => "mousedev";

        public override string NameOf(InputHandle handle) => "mice";

        [MightSleep]
        public override InputHandle? Connect(InputDevice device) =>
            device.Allows(InputEventType.Relative, InputCodes.RelativeX) && device.Allows(InputEventType.Key, LeftButton) ? new MiceHandle(device, readers) : null;
    }

    private sealed class Driver(MiceReaders readers) : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            var reader = new MiceReader();
            readers.Add(reader);
            file = new MiceFile(readers, reader);
            return Errno.Ok;
        }
    }
}
