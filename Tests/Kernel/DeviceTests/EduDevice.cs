using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.DeviceTests;

/// <summary>QEMU's teaching device (docs/specs/edu.txt of QEMU): computes factorials, copies by DMA to and from 4096 bytes of its own, and interrupts when it is done.</summary>
internal sealed class EduDevice
{
    public const int Vendor = 0x1234;
    public const int Device = 0x11E8;

    // It has 28 address bits.
    private const ulong HighestAddress = 0x0FFF_FFFF;
    private const int Bytes = 4096;
    private const int Identity = 0x00;
    private const int Liveness = 0x04;
    private const int Factorial = 0x08;
    private const int Status = 0x20;
    private const int InterruptStatus = 0x24;
    private const int InterruptRaise = 0x60;
    private const int InterruptAcknowledge = 0x64;
    private const int DmaSource = 0x80;
    private const int DmaDestination = 0x88;
    private const int DmaCount = 0x90;
    private const int DmaCommand = 0x98;
    private const uint InterruptWhenDone = 0x80;
    private const ulong OwnMemory = 0x40000;
    private const ulong FromDevice = 2;
    private const ulong StartWithInterrupt = 5;
    private const ulong Patience = 20_000_000_000;

    private readonly MmioRegion _registers;
    private readonly DmaBuffer _buffer;
    private readonly Completion _done = new("edu");
    private readonly PciInterrupts _interrupts;

    public EduDevice(PciDevice device, PciInterruptModes modes)
    {
        _registers = device.MapBar(0);
        if ((_registers.Read32(Identity) & 0xFF) != 0xED)
        {
            throw new NotSupportedException($"identity 0x{_registers.Read32(Identity):x}");
        }

        _buffer = device.AllocateDma(Bytes, HighestAddress);
        Handler = new EduInterrupt(_registers, _done);
        _interrupts = device.AttachInterrupts(Handler, default, modes);
        device.SetBusMaster(true);
    }

    public EduInterrupt Handler { get; }

    public PciInterrupts Interrupts => _interrupts;

    public DmaBuffer Buffer => _buffer;

    public uint Invert(uint value)
    {
        _registers.Write32(Liveness, value);
        return _registers.Read32(Liveness);
    }

    public uint ComputeFactorial(uint number)
    {
        _registers.Write32(Status, InterruptWhenDone);
        _registers.Write32(Factorial, number);
        Await();
        return _registers.Read32(Factorial);
    }

    public void Raise(uint bits)
    {
        _registers.Write32(InterruptRaise, bits);
        Await();
    }

    // There and back: the device's own memory is between.
    public void CopyThroughDevice(int source, int destination, int count)
    {
        Transfer(_buffer.PhysicalAddress + (uint)source, OwnMemory, (ulong)count, StartWithInterrupt);
        Transfer(OwnMemory, _buffer.PhysicalAddress + (uint)destination, (ulong)count, StartWithInterrupt | FromDevice);
    }

    private void Transfer(ulong source, ulong destination, ulong count, ulong command)
    {
        _registers.Write64(DmaSource, source);
        _registers.Write64(DmaDestination, destination);
        _registers.Write64(DmaCount, count);
        _registers.Write64(DmaCommand, command);
        Await();
    }

    private void Await()
    {
        if (_done.Wait(Clock.MonotonicNanoseconds + Patience) != WaitResult.Woken)
        {
            throw new TimeoutException($"the edu device did not interrupt by {_interrupts.Mode}");
        }
    }

    internal sealed class EduInterrupt(MmioRegion registers, Completion done) : InterruptHandler
    {
        public override string Name => "edu";

        [InterruptContext]
        public override bool Handle()
        {
            uint status = registers.Read32(InterruptStatus);
            if (status == 0)
            {
                return false;
            }

            registers.Write32(InterruptAcknowledge, status);
            done.Complete();
            return true;
        }
    }
}
