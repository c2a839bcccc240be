namespace Cosmos.System.ScanMaps;

/// <summary>United States, Dvorak.</summary>
public class US_Dvorak : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        @"`1234567890[]',.pyfgcrl/=aoeuidhtns-\;qjkxbmwvz\",
        "~!@#$%^&*(){}\"<>PYFGCRL?+AOEUIDHTNS_|:QJKXBMWVZ|");
}
