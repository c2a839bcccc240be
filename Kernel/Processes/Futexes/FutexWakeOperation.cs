using CosmosKernel.Abi;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Futexes;

/// <summary>What FUTEX_WAKE_OP does to a word and asks of its old value (futex(2)).</summary>
public readonly struct FutexWakeOperation
{
    private const int ShiftOperand = 8;
    private const int LargestShift = 31;
    private readonly int _comparison;
    private readonly int _compared;

    private FutexWakeOperation(UserAtomic operation, uint operand, int comparison, int compared)
    {
        Operation = operation;
        Operand = operand;
        _comparison = comparison;
        _compared = compared;
    }

    /// <summary>What is done.</summary>
    public UserAtomic Operation { get; }

    /// <summary>With what.</summary>
    public uint Operand { get; }

    /// <summary>Decodes the number of the call: 4 bits operation, 4 bits comparison, 12 bits operand, 12 bits compared value, both signed.</summary>
    /// <returns>Ok; ENOSYS: there is no such operation or comparison.</returns>
    public static Errno TryDecode(uint encoded, out FutexWakeOperation operation)
    {
        int code = (int)(encoded >> 28);
        int comparison = (int)((encoded >> 24) & 0xF);
        int operand = (int)(encoded << 8) >> 20;
        int compared = (int)(encoded << 20) >> 20;
        if ((code & ShiftOperand) != 0)
        {
            operand = 1 << (operand & LargestShift);
            code &= ~ShiftOperand;
        }

        operation = new FutexWakeOperation((UserAtomic)code, (uint)operand, comparison, compared);
        return code > (int)UserAtomic.Xor || comparison > 5 ? Errno.ENOSYS : Errno.Ok;
    }

    /// <summary>The comparison holds for the word's old value, which is signed.</summary>
    public bool IsTrueFor(uint old) => _comparison switch
    {
        0 => (int)old == _compared,
        1 => (int)old != _compared,
        2 => (int)old < _compared,
        3 => (int)old <= _compared,
        4 => (int)old > _compared,
        _ => (int)old >= _compared,
    };
}
