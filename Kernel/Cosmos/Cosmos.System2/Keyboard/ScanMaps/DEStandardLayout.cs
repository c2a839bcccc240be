namespace Cosmos.System.ScanMaps;

/// <summary>German (DIN 2137, T1). The name that Cosmos uses since 2023.</summary>
public class DEStandardLayout : DE_Standard;
