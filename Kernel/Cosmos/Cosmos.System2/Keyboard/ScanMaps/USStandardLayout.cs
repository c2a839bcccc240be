namespace Cosmos.System.ScanMaps;

/// <summary>United States. The name that Cosmos uses since 2023.</summary>
public class USStandardLayout : US_Standard;
