using System.Runtime.CompilerServices;

// The locks that wait by sleeping are made of the same waiter lists and sleeps as those that the scheduler needs itself.
[assembly: InternalsVisibleTo("CosmosKernel.Locking")]
