using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Futexes;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>A FUTEX_WAIT with a deadline that goes on after a signal without handler: with the same deadline, for the same value.</summary>
internal sealed class FutexRestart : RestartBlock
{
    [UserAddress]
    private readonly ulong _address;
    private readonly FutexKey _key;
    private readonly uint _expected;
    private readonly uint _bits;
    private readonly long _end;
    private readonly bool _isRealtime;

    private FutexRestart([UserAddress] ulong address, in FutexKey key, uint expected, uint bits, long end, bool isRealtime)
    {
        _address = address;
        _key = key;
        _expected = expected;
        _bits = bits;
        _end = end;
        _isRealtime = isRealtime;
    }

    /// <summary>Waits, and prepares the restart if a signal comes.</summary>
    [MightSleep]
    public static long Wait(UserThread thread, [UserAddress] ulong address, in FutexKey key, uint expected, uint bits, long? end, bool isRealtime)
    {
        WaitClock.Set(thread, end, isRealtime);
        long result = Futex.Wait(thread.Futex, address, key, expected, bits);
        thread.Deadline.Clear();
        if (result == -(long)Errno.ERESTARTSYS && end is { } moment)
        {
            thread.Restart = new FutexRestart(address, key, expected, bits, moment, isRealtime);
            return -(long)Errno.ERESTART_RESTARTBLOCK;
        }

        return result;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread) => Wait(thread, _address, _key, _expected, _bits, _end, _isRealtime);
}
