namespace CosmosKernel.Processes;

/// <summary>What a thread has to do next about its signals.</summary>
internal enum SignalStep
{
    /// <summary>Go on in user mode.</summary>
    Nothing,

    /// <summary>Enter a handler.</summary>
    Handle,

    /// <summary>Take part in a stop.</summary>
    Stop,

    /// <summary>Stop the process, unless its group is orphaned.</summary>
    CheckOrphan,

    /// <summary>Tell the parent what SIGCONT has done.</summary>
    TellParent,

    /// <summary>End.</summary>
    End,
}
