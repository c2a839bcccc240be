using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.ExtendedASCII;

/// <summary>The encodings of the IBM PC, code pages 437 and 858, for <c>Encoding.RegisterProvider(CosmosEncodingProvider.Instance)</c>. Any task.</summary>
[Immutable]
public class CosmosEncodingProvider : EncodingProvider
{
    [Immutable]
    private static readonly SingleByteEncoding[] s_encodings = [new(437, "IBM437", CodePages.Upper437), new(858, "IBM00858", CodePages.Upper858)];

    internal CosmosEncodingProvider()
    {
    }

    /// <summary>The one that there is.</summary>
    public static EncodingProvider Instance { get; } = new CosmosEncodingProvider();

    /// <summary>The encoding of a code page; null when it is none of these.</summary>
    public override Encoding? GetEncoding(int codepage) => Array.Find(s_encodings, encoding => encoding.CodePage == codepage);

    /// <summary>The encoding of a name (<c>IBM437</c>, <c>IBM00858</c>, <c>IBM0858</c>, <c>cp437</c>, <c>cp858</c>); null when it is none of these.</summary>
    public override Encoding? GetEncoding(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToUpperInvariant() switch
        {
            "IBM437" or "CP437" => GetEncoding(437),
            "IBM00858" or "IBM0858" or "CP858" => GetEncoding(858),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<EncodingInfo> GetEncodings()
    {
        foreach (SingleByteEncoding encoding in s_encodings)
        {
            yield return new EncodingInfo(this, encoding.CodePage, encoding.BodyName, encoding.EncodingName);
        }
    }
}
