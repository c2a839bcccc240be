namespace Cosmos.System.ScanMaps;

/// <summary>Spanish.</summary>
public class ES_Standard : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        "º1234567890'¡qwertyuiop`+asdfghjklñ´çzxcvbnm,.-<",
        "ª!\"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨ÇZXCVBNM;:_>",
        @"\|@#~€¬        €       []          {}",
        decimalSeparator: ',');
}
