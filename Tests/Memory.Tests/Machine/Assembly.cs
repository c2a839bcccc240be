using Xunit;

// The kernel's memory structures are static: one machine at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
