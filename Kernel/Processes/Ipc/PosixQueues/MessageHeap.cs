using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>
/// The messages of a POSIX queue: the one of the highest priority first, of those the one that came first. A binary heap with room for all that the queue may hold, so that nothing is allocated when one is sent. Guarded by
/// the queue's lock.
/// </summary>
[Owned]
[RequiresLock(typeof(PosixQueue), "_lock")]
internal sealed class MessageHeap
{
    private readonly Message?[] _messages;
    private ulong _lastOrder;

    /// <summary>Makes an empty one.</summary>
    public MessageHeap(int capacity)
    {
        _messages = new Message?[capacity];
    }

    /// <summary>Messages.</summary>
    public int Count { get; private set; }

    /// <summary>There is no room for another one.</summary>
    public bool IsFull => Count == _messages.Length;

    /// <summary>Adds one; it is not full.</summary>
    [NoAllocation]
    public void Push(Message message)
    {
        message.Order = ++_lastOrder;
        int place = Count++;
        while (place > 0 && IsBefore(message, _messages[(place - 1) / 2]!))
        {
            _messages[place] = _messages[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _messages[place] = message;
    }

    /// <summary>Takes the first one; it is not empty.</summary>
    [NoAllocation]
    public Message Pop()
    {
        Message first = _messages[0]!;
        Message last = _messages[--Count]!;
        _messages[Count] = null;
        if (Count > 0)
        {
            Sink(last);
        }

        return first;
    }

    private void Sink(Message message)
    {
        int place = 0;
        while (true)
        {
            int child = (place * 2) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && IsBefore(_messages[child + 1]!, _messages[child]!))
            {
                child++;
            }

            if (!IsBefore(_messages[child]!, message))
            {
                break;
            }

            _messages[place] = _messages[child];
            place = child;
        }

        _messages[place] = message;
    }

    private static bool IsBefore(Message one, Message other) => one.Type != other.Type ? one.Type > other.Type : one.Order < other.Order;
}
