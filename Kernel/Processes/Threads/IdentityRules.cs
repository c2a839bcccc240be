using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Who may change which user and group ids, of the running thread (setuid(2), setreuid(2), setresuid(2), setfsuid(2) and those of groups). -1 leaves an id as it is.</summary>
public static class IdentityRules
{
    private const uint Same = uint.MaxValue;

    /// <summary>setuid(2): all three with CAP_SETUID, else the effective one alone.</summary>
    /// <returns>EPERM; EINVAL: -1 is no id.</returns>
    [MightSleep]
    public static Errno SetUserId(UserThread thread, uint id)
    {
        Credentials old = thread.Credentials;
        if (id == Same)
        {
            return Errno.EINVAL;
        }

        if (old.Has(Capability.SetUid))
        {
            return ChangeUser(thread, id, id, id);
        }

        return id == old.UserId || id == old.SavedUserId ? ChangeUser(thread, old.UserId, id, old.SavedUserId) : Errno.EPERM;
    }

    /// <summary>setreuid(2): the saved id follows when the real one is set, or the effective one to something else than the real one.</summary>
    /// <returns>EPERM.</returns>
    [MightSleep]
    public static Errno SetRealAndEffectiveUserId(UserThread thread, uint real, uint effective)
    {
        Credentials old = thread.Credentials;
        bool mayAll = old.Has(Capability.SetUid);
        if (!mayAll
            && ((real != Same && real != old.UserId && real != old.EffectiveUserId)
                || (effective != Same && effective != old.UserId && effective != old.EffectiveUserId && effective != old.SavedUserId)))
        {
            return Errno.EPERM;
        }

        uint newReal = real == Same ? old.UserId : real;
        uint newEffective = effective == Same ? old.EffectiveUserId : effective;
        bool saves = real != Same || (effective != Same && effective != old.UserId);
        return ChangeUser(thread, newReal, newEffective, saves ? newEffective : old.SavedUserId);
    }

    /// <summary>setresuid(2).</summary>
    /// <returns>EPERM.</returns>
    [MightSleep]
    public static Errno SetUserIds(UserThread thread, uint real, uint effective, uint saved)
    {
        Credentials old = thread.Credentials;
        if (!old.Has(Capability.SetUid)
            && !(IsOwn(real, old.UserId, old.EffectiveUserId, old.SavedUserId)
                && IsOwn(effective, old.UserId, old.EffectiveUserId, old.SavedUserId)
                && IsOwn(saved, old.UserId, old.EffectiveUserId, old.SavedUserId)))
        {
            return Errno.EPERM;
        }

        return ChangeUser(thread, real == Same ? old.UserId : real, effective == Same ? old.EffectiveUserId : effective, saved == Same ? old.SavedUserId : saved);
    }

    /// <summary>setfsuid(2): there is no error, a refused id changes nothing.</summary>
    /// <returns>The id from before.</returns>
    [MightSleep]
    public static long SetFileUserId(UserThread thread, uint id)
    {
        Credentials old = thread.Credentials;
        if (id != Same && (old.Has(Capability.SetUid) || IsOwn(id, old.UserId, old.EffectiveUserId, old.SavedUserId) || id == old.FileUserId))
        {
            CredentialChange.Set(thread, CredentialChange.AdjustFileCapabilities(old, new Credentials(old) { FileUserId = id }));
        }

        return old.FileUserId;
    }

    /// <summary>setgid(2).</summary>
    /// <returns>EPERM; EINVAL: -1 is no id.</returns>
    [MightSleep]
    public static Errno SetGroupId(UserThread thread, uint id)
    {
        Credentials old = thread.Credentials;
        if (id == Same)
        {
            return Errno.EINVAL;
        }

        if (old.Has(Capability.SetGid))
        {
            return ChangeGroup(thread, id, id, id);
        }

        return id == old.GroupId || id == old.SavedGroupId ? ChangeGroup(thread, old.GroupId, id, old.SavedGroupId) : Errno.EPERM;
    }

    /// <summary>setregid(2), as <see cref="SetRealAndEffectiveUserId"/>.</summary>
    /// <returns>EPERM.</returns>
    [MightSleep]
    public static Errno SetRealAndEffectiveGroupId(UserThread thread, uint real, uint effective)
    {
        Credentials old = thread.Credentials;
        bool mayAll = old.Has(Capability.SetGid);
        if (!mayAll
            && ((real != Same && real != old.GroupId && real != old.EffectiveGroupId)
                || (effective != Same && effective != old.GroupId && effective != old.EffectiveGroupId && effective != old.SavedGroupId)))
        {
            return Errno.EPERM;
        }

        uint newReal = real == Same ? old.GroupId : real;
        uint newEffective = effective == Same ? old.EffectiveGroupId : effective;
        bool saves = real != Same || (effective != Same && effective != old.GroupId);
        return ChangeGroup(thread, newReal, newEffective, saves ? newEffective : old.SavedGroupId);
    }

    /// <summary>setresgid(2).</summary>
    /// <returns>EPERM.</returns>
    [MightSleep]
    public static Errno SetGroupIds(UserThread thread, uint real, uint effective, uint saved)
    {
        Credentials old = thread.Credentials;
        if (!old.Has(Capability.SetGid)
            && !(IsOwn(real, old.GroupId, old.EffectiveGroupId, old.SavedGroupId)
                && IsOwn(effective, old.GroupId, old.EffectiveGroupId, old.SavedGroupId)
                && IsOwn(saved, old.GroupId, old.EffectiveGroupId, old.SavedGroupId)))
        {
            return Errno.EPERM;
        }

        return ChangeGroup(thread, real == Same ? old.GroupId : real, effective == Same ? old.EffectiveGroupId : effective, saved == Same ? old.SavedGroupId : saved);
    }

    /// <summary>setfsgid(2), as <see cref="SetFileUserId"/>.</summary>
    /// <returns>The id from before.</returns>
    [MightSleep]
    public static long SetFileGroupId(UserThread thread, uint id)
    {
        Credentials old = thread.Credentials;
        if (id != Same && (old.Has(Capability.SetGid) || IsOwn(id, old.GroupId, old.EffectiveGroupId, old.SavedGroupId) || id == old.FileGroupId))
        {
            CredentialChange.Set(thread, new Credentials(old) { FileGroupId = id });
        }

        return old.FileGroupId;
    }

    private static bool IsOwn(uint id, uint real, uint effective, uint saved) => id == Same || id == real || id == effective || id == saved;

    [MightSleep]
    private static Errno ChangeUser(UserThread thread, uint real, uint effective, uint saved)
    {
        Credentials old = thread.Credentials;
        var changed = new Credentials(old) { UserId = real, EffectiveUserId = effective, SavedUserId = saved, FileUserId = effective };
        CredentialChange.Set(thread, CredentialChange.AdjustCapabilities(old, changed));
        return Errno.Ok;
    }

    [MightSleep]
    private static Errno ChangeGroup(UserThread thread, uint real, uint effective, uint saved)
    {
        CredentialChange.Set(thread, new Credentials(thread.Credentials) { GroupId = real, EffectiveGroupId = effective, SavedGroupId = saved, FileGroupId = effective });
        return Errno.Ok;
    }
}
