namespace CosmosKernel.Files.Naming;

/// <summary>Where a mount is: on an entry, seen through another mount.</summary>
/// <param name="Parent">The mount below.</param>
/// <param name="Entry">The entry that it covers.</param>
public sealed record MountPlace(Mount Parent, DirectoryEntry Entry);
