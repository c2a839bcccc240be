namespace Cosmos.System.ScanMaps;

/// <summary>French (AZERTY).</summary>
public class FR_Standard : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!<",
        " 1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§>",
        @"  ~#{[|`\^@]}  €        ¤");
}
