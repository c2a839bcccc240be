using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Notifications;

namespace CosmosKernel.Processes.Memory;

/// <summary>Memory that modules have and can spare, as a balloon's: they give it back piece by piece, and are asked for as many pieces as it takes.</summary>
internal static class ModuleReclaim
{
    /// <summary>Asks until there is enough, or nothing more comes. Task context.</summary>
    /// <param name="ask">Asks all modules once; each adds what it has freed.</param>
    /// <param name="isEnough">No more is wanted.</param>
    /// <param name="most">Pages of the machine. Who claims to have freed more than that is not believed.</param>
    /// <returns>
    /// True: some pages were freed. Also when that is not enough: who has given memory back may have more of it in a moment, so whoever wanted it tries again before anybody is killed.
    /// </returns>
    [MightSleep]
    public static bool TryReclaim(Action<MemoryShortage> ask, Func<bool> isEnough, long most)
    {
        var shortage = new MemoryShortage();
        long before;
        do
        {
            before = shortage.FreedPages;
            ask(shortage);
        }
        while (shortage.FreedPages > before && shortage.FreedPages < most && !isEnough());
        return shortage.FreedPages > 0;
    }
}
