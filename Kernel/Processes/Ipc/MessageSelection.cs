using System;
using CosmosKernel.Abi;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Which message msgrcv(2) is to receive.</summary>
/// <param name="Rule">How the type is meant.</param>
/// <param name="Type">Type or, for a copy, the number of the message.</param>
/// <param name="MostBytes">The longest text that is received; what is longer is refused, unless it may be cut.</param>
/// <param name="MayCut">MSG_NOERROR.</param>
internal readonly record struct MessageSelection(MessageRule Rule, long Type, ulong MostBytes, bool MayCut)
{
    /// <summary>Reads the arguments of msgrcv(2).</summary>
    public static MessageSelection Of(long type, ulong bytes, int flags)
    {
        bool mayCut = (flags & MessageConstants.MSG_NOERROR) != 0;
        if ((flags & MessageConstants.MSG_COPY) != 0)
        {
            return new MessageSelection(MessageRule.Number, type, bytes, mayCut);
        }

        return type switch
        {
            0 => new MessageSelection(MessageRule.Any, 0, bytes, mayCut),
            < 0 => new MessageSelection(MessageRule.Least, type == long.MinValue ? long.MaxValue : -type, bytes, mayCut),
            _ => new MessageSelection((flags & MessageConstants.MSG_EXCEPT) != 0 ? MessageRule.Other : MessageRule.Equal, type, bytes, mayCut),
        };
    }

    /// <summary>A message of this type is one of those that are meant. Of a copy none is: it does not wait.</summary>
    public bool Matches(long type) => Rule switch
    {
        MessageRule.Any => true,
        MessageRule.Least => type <= Type,
        MessageRule.Equal => type == Type,
        MessageRule.Other => type != Type,
        _ => false,
    };

    /// <summary>A text of this length can be received.</summary>
    public bool Takes(int length) => MayCut || (ulong)length <= MostBytes;
}
