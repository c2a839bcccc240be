using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Block.Loop;

/// <summary>The requests of a loop device that wait for its task.</summary>
internal sealed class LoopQueue(int depth)
{
    private static readonly LockClass s_class = LockClasses.Register("loop device queue");

    private readonly WaitQueue _work = new("loop device");
    private SpinLock _lock = new(s_class);

    [GuardedBy(nameof(_lock))]
    private readonly BlockRequest?[] _waiting = new BlockRequest?[depth];

    [GuardedBy(nameof(_lock))]
    private int _first;

    [GuardedBy(nameof(_lock))]
    private int _count;

    [GuardedBy(nameof(_lock))]
    private bool _isOpen;

    /// <summary>Takes requests from now on. Task context.</summary>
    [NoAllocation]
    public void Open()
    {
        using (_lock.Enter())
        {
            _isOpen = true;
        }
    }

    /// <summary>Takes no more: <see cref="Take"/> ends when it has given all. Task context.</summary>
    [NoAllocation]
    public void Close()
    {
        using (_lock.Enter())
        {
            _isOpen = false;
        }

        _work.WakeAll();
    }

    /// <summary>Adds a request. With preemption off.</summary>
    /// <returns>False: there is no file.</returns>
    [NoAllocation]
    public bool TryAdd(BlockRequest request)
    {
        using (_lock.Enter())
        {
            if (!_isOpen)
            {
                return false;
            }

            _waiting[(_first + _count++) % _waiting.Length] = request;
        }

        _work.WakeOne();
        return true;
    }

    /// <summary>Takes the first one, and waits for it. The device's task.</summary>
    /// <returns>Null: none comes any more.</returns>
    [MightSleep]
    public BlockRequest? Take()
    {
        using WaitQueue.Wait wait = _work.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            using (_lock.Enter())
            {
                if (_count > 0)
                {
                    BlockRequest request = _waiting[_first]!;
                    _waiting[_first] = null;
                    _first = (_first + 1) % _waiting.Length;
                    _count--;
                    return request;
                }

                if (!_isOpen)
                {
                    return null;
                }
            }

            wait.Sleep();
        }
    }
}
