using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Changes of the running thread's rights (credentials(7)).</summary>
public static class CredentialChange
{
    // SECBIT_KEEP_CAPS and SECBIT_NO_SETUID_FIXUP.
    private const uint KeepCapabilities = 1 << 4;
    private const uint NoFixup = 1 << 2;

    /// <summary>Gives the running thread new rights. Another real user counts it from now on. Task context.</summary>
    [MightSleep]
    public static void Set(UserThread thread, Credentials credentials)
    {
        Credentials old = thread.Credentials;
        UserAccount before = thread.Account;
        if (before.Uid != credentials.UserId)
        {
            thread.Account = UserAccount.AddThread(credentials.UserId);
            before.RemoveThread();
        }

        if (old.EffectiveUserId != credentials.EffectiveUserId || old.EffectiveGroupId != credentials.EffectiveGroupId
            || old.FileUserId != credentials.FileUserId || old.FileGroupId != credentials.FileGroupId
            || !credentials.Permitted.IsSubsetOf(old.Permitted))
        {
            thread.Process.Dumpable = 0;
            thread.ParentDeathSignal = 0;
        }

        thread.Credentials = credentials;
    }

    /// <summary>What happens to capabilities when user ids go from or to 0 (capabilities(7), "Effect of user ID changes on capabilities").</summary>
    /// <param name="old">The rights before.</param>
    /// <param name="changed">The same with other user ids.</param>
    public static Credentials AdjustCapabilities(Credentials old, Credentials changed)
    {
        if ((old.SecureBits & NoFixup) != 0)
        {
            return changed;
        }

        bool hadRoot = old.UserId == 0 || old.EffectiveUserId == 0 || old.SavedUserId == 0;
        bool hasRoot = changed.UserId == 0 || changed.EffectiveUserId == 0 || changed.SavedUserId == 0;
        CapabilitySet permitted = changed.Permitted;
        CapabilitySet effective = changed.Effective;
        CapabilitySet ambient = changed.Ambient;
        if (hadRoot && !hasRoot)
        {
            if ((old.SecureBits & KeepCapabilities) == 0)
            {
                permitted = CapabilitySet.Empty;
                effective = CapabilitySet.Empty;
            }

            ambient = CapabilitySet.Empty;
        }

        if (old.EffectiveUserId == 0 && changed.EffectiveUserId != 0)
        {
            effective = CapabilitySet.Empty;
        }
        else if (old.EffectiveUserId != 0 && changed.EffectiveUserId == 0)
        {
            effective = permitted;
        }

        return new Credentials(changed) { Permitted = permitted, Effective = effective, Ambient = ambient };
    }

    /// <summary>What happens to the effective set when the user id for files goes from or to 0 (setfsuid(2)).</summary>
    public static Credentials AdjustFileCapabilities(Credentials old, Credentials changed)
    {
        if ((old.SecureBits & NoFixup) != 0 || (old.FileUserId == 0) == (changed.FileUserId == 0))
        {
            return changed;
        }

        return new Credentials(changed)
        {
            Effective = changed.FileUserId != 0 ? old.Effective.Without(FileCapabilities) : old.Effective.Or(old.Permitted.And(FileCapabilities)),
        };
    }

    // Those that concern files: chown, dac_override, dac_read_search, fowner, fsetid, linux_immutable, mknod, mac_override.
    private static CapabilitySet FileCapabilities => new(
        (1ul << (int)Capability.Chown) | (1ul << (int)Capability.DacOverride) | (1ul << (int)Capability.DacReadSearch) | (1ul << (int)Capability.FileOwner)
        | (1ul << (int)Capability.FileSetId) | (1ul << (int)Capability.LinuxImmutable) | (1ul << (int)Capability.Mknod) | (1ul << (int)Capability.MacOverride));
}
