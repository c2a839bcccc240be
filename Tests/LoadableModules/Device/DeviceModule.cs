using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace LoadableDevice;

/// <summary>/dev/squares, whose reads run the module's code on whatever CPU the reader is.</summary>
[Module("squares", Description = "a device that gives squares", License = "MIT", Author = "CosmosKernel")]
public sealed class DeviceModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context) =>
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "squares", Mode = 0x1B6, Class = "misc" }, new Driver());

    private sealed class Driver : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = new Squares();
            return Errno.Ok;
        }
    }

    // Each read gives the next square, in decimal, and a new line.
    private sealed class Squares : DeviceFile
    {
        private int _next;

        public override long Read(ref DataSink to, long offset)
        {
            int number = ++_next;
            return to.Write(System.Text.Encoding.ASCII.GetBytes($"{(long)number * number}\n"));
        }
    }
}
