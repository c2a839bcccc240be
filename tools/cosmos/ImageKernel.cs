namespace CosmosKernel.Tools.Cosmos;

/// <summary>One of the kernels in an image.</summary>
/// <param name="Name">What the boot option calls it: its project's name.</param>
/// <param name="ClassName">The full name of its class, as C# writes it.</param>
/// <param name="Assembly">The path of its assembly.</param>
internal sealed record ImageKernel(string Name, string ClassName, string Assembly);
