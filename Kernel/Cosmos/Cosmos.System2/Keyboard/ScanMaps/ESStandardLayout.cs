namespace Cosmos.System.ScanMaps;

/// <summary>Spanish. The name that Cosmos uses since 2023.</summary>
public class ESStandardLayout : ES_Standard;
