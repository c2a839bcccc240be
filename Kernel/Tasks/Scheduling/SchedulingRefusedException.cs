using System;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>A deadline cannot be promised: too little CPU time is left (EBUSY of sched_setattr(2)).</summary>
public sealed class SchedulingRefusedException(string message) : InvalidOperationException(message);
