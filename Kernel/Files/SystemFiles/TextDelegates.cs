using System;
using CosmosKernel.Abi;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>Makes the whole text of a file. Task context; may sleep.</summary>
/// <param name="to">Where it goes.</param>
public delegate void TextGenerator(TextBuilder to);

/// <summary>Takes what was written to a file. Task context; may sleep.</summary>
/// <param name="text">What one call of write(2) gave, at most <see cref="TextFile.LongestWrite"/> bytes.</param>
public delegate Errno TextReceiver(ReadOnlySpan<byte> text);
