namespace CosmosKernel.Memory.User;

/// <summary>A frame of the host's machine, and how many there are.</summary>
internal sealed class HostFrame
{
    /// <summary>Frames that are taken.</summary>
    public static int Taken { get; private set; }

    /// <summary>Frames that can still be taken.</summary>
    public static int Left { get; set; } = int.MaxValue;

    public byte[] Bytes { get; } = new byte[Page.Size];

    public int References { get; set; }

    /// <summary>How many of the references are pins.</summary>
    public int Pins { get; set; }

    public static bool TryTake()
    {
        if (Left == 0)
        {
            return false;
        }

        Left--;
        Taken++;
        return true;
    }

    public static void GiveBack()
    {
        Left++;
        Taken--;
    }
}
