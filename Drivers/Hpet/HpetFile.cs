using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Hpet;

/// <summary>An open /dev/hpet: a timer of its own (Linux, Documentation/timers/hpet.rst and drivers/char/hpet.c for what the requests answer). Reading waits for interrupts and gives their number.</summary>
/// <param name="timer">The timer.</param>
/// <param name="registers">The block as something to map, for reading only.</param>
internal sealed class HpetFile(HpetTimer timer, MappedObject registers) : DeviceFile
{
    // Whoever is not privileged gets interrupts no faster, in hertz.
    private const int MostUserHertz = 64;
    private const int InfoBytes = 24;
    private const ulong PeriodicCapability = 0x10;

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining < sizeof(ulong))
        {
            return -(long)Errno.EINVAL;
        }

        if (timer.Rate == 0)
        {
            return -(long)Errno.EIO;
        }

        ulong events = timer.TakeEvents();
        if (events == 0)
        {
            long error = WaitForEvents(out events);
            if (error != 0)
            {
                return error;
            }
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, events);
        to.Write(bytes);
        return to.Faulted ? -(long)Errno.EFAULT : bytes.Length;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        timer.Queue.Attach(watcher);
        return timer.HasEvents ? PollEvents.Readable : PollEvents.None;
    }

    /// <inheritdoc/>
    [MightSleep]
    [SuppressMessage("Locking", "CKL030", Justification = "The argument of HPET_IRQFREQ is a number, no address.")]
    public override long Control(uint request, ControlArgument argument)
    {
        switch ((HpetRequest)request)
        {
            case HpetRequest.HPET_IE_ON:
                return -(long)timer.Start();
            case HpetRequest.HPET_IE_OFF:
                timer.Stop();
                return 0;
            case HpetRequest.HPET_INFO:
                Span<byte> info = stackalloc byte[InfoBytes];
                info.Clear();
                BinaryPrimitives.WriteUInt64LittleEndian(info, timer.Rate);
                BinaryPrimitives.WriteUInt64LittleEndian(info[8..], timer.CanBePeriodic ? PeriodicCapability : 0);
                BinaryPrimitives.WriteUInt16LittleEndian(info[18..], (ushort)timer.Number);
                return argument.TryWrite(info) ? 0 : -(long)Errno.EFAULT;
            case HpetRequest.HPET_EPI or HpetRequest.HPET_DPI:
                return -(long)timer.SetPeriodic((HpetRequest)request == HpetRequest.HPET_EPI);
            case HpetRequest.HPET_IRQFREQ:
                ulong hertz = argument.Value;
                return hertz > MostUserHertz && !Credentials.Current.Has(Capability.SysResource) ? -(long)Errno.EACCES : -(long)timer.SetRate(hertz);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = registers;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Closed() => timer.Close();

    [MightSleep]
    private long WaitForEvents(out ulong events)
    {
        events = 0;
        if (IsNonBlocking)
        {
            return -(long)Errno.EAGAIN;
        }

        using WaitQueue.Wait wait = timer.Queue.Begin();
        while (true)
        {
            wait.Prepare();
            events = timer.TakeEvents();
            if (events != 0)
            {
                return 0;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }
}
