using Xunit;

// The simulated machine and the scheduler's statics are one for the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
