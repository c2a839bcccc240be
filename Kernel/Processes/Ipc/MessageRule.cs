namespace CosmosKernel.Processes.Ipc;

/// <summary>How the type of msgrcv(2) is meant.</summary>
internal enum MessageRule
{
    /// <summary>The first message.</summary>
    Any,

    /// <summary>The first of the least type that is not above the given one.</summary>
    Least,

    /// <summary>The first of the type.</summary>
    Equal,

    /// <summary>The first of another type.</summary>
    Other,

    /// <summary>The message of this number, which stays (MSG_COPY).</summary>
    Number,
}
