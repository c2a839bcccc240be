namespace CosmosKernel.Runtime.Modules;

/// <summary>What a collection has to find out about a module.</summary>
public enum ModuleFate
{
    /// <summary>Nothing: it is in use.</summary>
    Staying,

    /// <summary>Whether anything refers to it, besides the list of modules in which reflection looks.</summary>
    Going,

    /// <summary>Nothing does but that list: its code can never run again.</summary>
    Quiet,

    /// <summary>It is off the list; whether somebody still looks through the list as it was.</summary>
    Unlisted,

    /// <summary>Nothing refers to it, and nothing ever will.</summary>
    Dead,
}
