namespace CosmosKernel.Processes;

/// <summary>What of a program's file decides about the rights of who executes it.</summary>
/// <param name="Mode">Its mode.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="Group">Its group.</param>
/// <param name="Capabilities">The capabilities that it gives; null for none.</param>
public readonly record struct ExecutedFile(uint Mode, uint Owner, uint Group, FileCapabilities? Capabilities = null);
