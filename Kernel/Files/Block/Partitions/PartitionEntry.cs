using System;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>A partition, as a table has it.</summary>
/// <param name="Number">1 and up.</param>
/// <param name="FirstBlock">First logical block.</param>
/// <param name="Blocks">Logical blocks, 1 and up.</param>
/// <param name="Type">Type: of MBR in the lowest byte.</param>
/// <param name="Id">Unique id of GPT; empty for MBR.</param>
/// <param name="Name">Name of GPT; empty for MBR.</param>
public sealed record PartitionEntry(int Number, ulong FirstBlock, ulong Blocks, Guid Type, Guid Id, string Name);
