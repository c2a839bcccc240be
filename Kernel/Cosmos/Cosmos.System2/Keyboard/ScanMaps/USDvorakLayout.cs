namespace Cosmos.System.ScanMaps;

/// <summary>United States, Dvorak. The name that Cosmos uses since 2023.</summary>
public class USDvorakLayout : US_Dvorak;
