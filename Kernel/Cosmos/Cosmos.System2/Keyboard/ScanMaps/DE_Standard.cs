namespace Cosmos.System.ScanMaps;

/// <summary>German (DIN 2137, T1).</summary>
public class DE_Standard : ScanMapBase
{
    /// <inheritdoc/>
    protected override void InitKeys() => Keys = KeyRows.Make(
        "^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-<",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_>",
        @"  ²³   {[]}\ @ €        ~                  µ   |",
        decimalSeparator: ',');
}
