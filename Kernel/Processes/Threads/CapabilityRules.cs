using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Who may change which capabilities, of the running thread (capabilities(7)).</summary>
public static class CapabilityRules
{
    /// <summary>capset(2).</summary>
    /// <returns>EPERM.</returns>
    [MightSleep]
    public static Errno Set(UserThread thread, CapabilitySet effective, CapabilitySet permitted, CapabilitySet inheritable)
    {
        Credentials old = thread.Credentials;
        effective = effective.And(CapabilitySet.All);
        permitted = permitted.And(CapabilitySet.All);
        inheritable = inheritable.And(CapabilitySet.All);
        bool mayInheritAny = old.Has(Capability.SetPermittedCapabilities);
        if ((!mayInheritAny && !inheritable.IsSubsetOf(old.Inheritable.Or(old.Permitted)))
            || !inheritable.IsSubsetOf(old.Inheritable.Or(old.Bounding))
            || !permitted.IsSubsetOf(old.Permitted)
            || !effective.IsSubsetOf(permitted))
        {
            return Errno.EPERM;
        }

        CredentialChange.Set(thread, new Credentials(old)
        {
            Effective = effective,
            Permitted = permitted,
            Inheritable = inheritable,
            Ambient = old.Ambient.And(permitted).And(inheritable),
        });
        return Errno.Ok;
    }

    /// <summary>Takes a capability out of the bounding set (prctl(2), PR_CAPBSET_DROP).</summary>
    /// <returns>EINVAL: there is no such capability. EPERM.</returns>
    [MightSleep]
    public static Errno DropBounding(UserThread thread, ulong capability)
    {
        Credentials old = thread.Credentials;
        if (!old.Has(Capability.SetPermittedCapabilities))
        {
            return Errno.EPERM;
        }

        if (capability > CapabilitySet.Last)
        {
            return Errno.EINVAL;
        }

        CredentialChange.Set(thread, new Credentials(old) { Bounding = old.Bounding.Without(new CapabilitySet(1ul << (int)capability)) });
        return Errno.Ok;
    }

    /// <summary>prctl(2), PR_CAP_AMBIENT.</summary>
    /// <returns>1 or 0 for a question, 0, -EINVAL or -EPERM.</returns>
    [MightSleep]
    public static long Ambient(UserThread thread, ulong operation, ulong capability)
    {
        // SECBIT_NO_CAP_AMBIENT_RAISE.
        const uint NoRaise = 1 << 6;
        Credentials old = thread.Credentials;
        if (operation == ProcessControl.PR_CAP_AMBIENT_CLEAR_ALL)
        {
            if (capability != 0)
            {
                return -(long)Errno.EINVAL;
            }

            CredentialChange.Set(thread, new Credentials(old) { Ambient = CapabilitySet.Empty });
            return 0;
        }

        if (capability > CapabilitySet.Last)
        {
            return -(long)Errno.EINVAL;
        }

        var one = new CapabilitySet(1ul << (int)capability);
        switch (operation)
        {
            case ProcessControl.PR_CAP_AMBIENT_IS_SET:
                return one.IsSubsetOf(old.Ambient) ? 1 : 0;
            case ProcessControl.PR_CAP_AMBIENT_RAISE:
                if (!one.IsSubsetOf(old.Permitted.And(old.Inheritable)) || (old.SecureBits & NoRaise) != 0)
                {
                    return -(long)Errno.EPERM;
                }

                CredentialChange.Set(thread, new Credentials(old) { Ambient = old.Ambient.Or(one) });
                return 0;
            case ProcessControl.PR_CAP_AMBIENT_LOWER:
                CredentialChange.Set(thread, new Credentials(old) { Ambient = old.Ambient.Without(one) });
                return 0;
            default:
                return -(long)Errno.EINVAL;
        }
    }

    /// <summary>prctl(2), PR_SET_SECUREBITS.</summary>
    /// <returns>EPERM: a locked bit would change, or no right to it.</returns>
    [MightSleep]
    public static Errno SetSecureBits(UserThread thread, ulong bits)
    {
        // Each bit has its lock above it.
        const uint All = 0xFF;
        const uint Locks = 0xAA;
        Credentials old = thread.Credentials;
        uint locked = (old.SecureBits & Locks) >> 1;
        if ((bits & ~(ulong)All) != 0
            || (locked & (old.SecureBits ^ (uint)bits)) != 0
            || ((old.SecureBits & Locks & ~(uint)bits) != 0)
            || !old.Has(Capability.SetPermittedCapabilities))
        {
            return Errno.EPERM;
        }

        CredentialChange.Set(thread, new Credentials(old) { SecureBits = (uint)bits });
        return Errno.Ok;
    }
}
