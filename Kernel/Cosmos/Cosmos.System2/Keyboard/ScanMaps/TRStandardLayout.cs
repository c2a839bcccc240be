namespace Cosmos.System.ScanMaps;

/// <summary>Turkish Q. The name that Cosmos uses since 2023.</summary>
public class TRStandardLayout : TR_StandardQ;
