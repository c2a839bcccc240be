namespace Cosmos.System.ScanMaps;

/// <summary>French (AZERTY). The name that Cosmos uses since 2023.</summary>
public class FRStandardLayout : FR_Standard;
