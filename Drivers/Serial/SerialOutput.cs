using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.Serial;

/// <summary>The serial line as a console.</summary>
internal sealed class SerialOutput(string name, SerialLine line) : ConsoleOutput
{
    public override string Name => name;

    [MightSleep]
    public override void Write(ReadOnlySpan<byte> text) => line.Write(text);

    [MightSleep]
    public override void Flush() => line.Flush();
}
