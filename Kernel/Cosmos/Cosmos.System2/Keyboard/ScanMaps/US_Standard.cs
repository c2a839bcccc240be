namespace Cosmos.System.ScanMaps;

/// <summary>United States.</summary>
public class US_Standard : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        @"`1234567890-=qwertyuiop[]asdfghjkl;'\zxcvbnm,./\",
        "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|ZXCVBNM<>?|");
}
