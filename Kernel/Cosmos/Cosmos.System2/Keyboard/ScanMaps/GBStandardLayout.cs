namespace Cosmos.System.ScanMaps;

/// <summary>United Kingdom. The name that Cosmos uses since 2023.</summary>
public class GBStandardLayout : GB_Standard;
