namespace Cosmos.System.ScanMaps;

/// <summary>Turkish Q.</summary>
public class TR_StandardQ : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        "\"1234567890*-qwertyuıopğüasdfghjklşi,zxcvbnmöç.<",
        "é!'^+%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİ;ZXCVBNMÖÇ:>",
        @"< £#$½ {[]}\| @ €        ~æß         ´`         |",
        decimalSeparator: ',');
}
