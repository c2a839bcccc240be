namespace Cosmos.System.ScanMaps;

/// <summary>United Kingdom.</summary>
public class GB_Standard : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        @"`1234567890-=qwertyuiop[]asdfghjkl;'#zxcvbnm,./\",
        "¬!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~ZXCVBNM<>?|",
        "¦   €          é   úíó  á",
        "                É   ÚÍÓ  Á");
}
