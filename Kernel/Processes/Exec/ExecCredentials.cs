using CosmosKernel.Abi;
using CosmosKernel.Files.Users;

namespace CosmosKernel.Processes;

/// <summary>Whose rights a program gets that is executed (execve(2), capabilities(7), "Transformation of capabilities during execve()").</summary>
public static class ExecCredentials
{
    private const uint SetUserId = 0x800;
    private const uint SetGroupId = 0x400;
    private const uint GroupExecute = 0x8;

    /// <summary>SECBIT_KEEP_CAPS, which a program does not inherit.</summary>
    public const uint KeepCapabilities = 1 << 4;

    // SECBIT_NOROOT: user id 0 is a user as any other.
    private const uint NoRoot = 1 << 0;

    /// <summary>The rights of the new program.</summary>
    /// <param name="old">Those of who executes it.</param>
    /// <param name="file">The file.</param>
    /// <param name="restriction">Why it may not get more.</param>
    /// <param name="credentials">The rights.</param>
    /// <param name="isSecure">The program has rights that the caller had not: AT_SECURE.</param>
    /// <returns>EPERM: the file demands capabilities that the bounding set does not allow.</returns>
    public static Errno Compute(Credentials old, in ExecutedFile file, ExecRestriction restriction, out Credentials credentials, out bool isSecure)
    {
        bool honoursIds = restriction is ExecRestriction.None or ExecRestriction.SharedFileSystem;
        uint user = honoursIds && (file.Mode & SetUserId) != 0 ? file.Owner : old.EffectiveUserId;
        uint group = honoursIds && (file.Mode & (SetGroupId | GroupExecute)) == (SetGroupId | GroupExecute) ? file.Group : old.EffectiveGroupId;
        FileCapabilities? given = restriction == ExecRestriction.Mount ? null : file.Capabilities;
        CapabilitySet permitted = CapabilitySet.Empty;
        bool effective = false;
        credentials = old;
        isSecure = false;
        if (given is { } capabilities)
        {
            permitted = old.Bounding.And(capabilities.Permitted).Or(old.Inheritable.And(capabilities.Inheritable));
            effective = capabilities.IsEffective;
            if (effective && !capabilities.Permitted.IsSubsetOf(permitted))
            {
                return Errno.EPERM;
            }
        }

        // A file that makes somebody else root and has capabilities gives these alone.
        bool isRootByFile = given is not null && user == 0 && old.UserId != 0;
        if ((old.SecureBits & NoRoot) == 0 && !isRootByFile)
        {
            permitted = user == 0 || old.UserId == 0 ? old.Inheritable.Or(old.Bounding) : permitted;
            effective |= user == 0;
        }

        bool isSetId = user != old.UserId || group != old.GroupId;
        bool isUnsafe = restriction is ExecRestriction.SharedFileSystem or ExecRestriction.NoNewPrivileges;
        if (isUnsafe && (isSetId || !permitted.IsSubsetOf(old.Permitted)))
        {
            if (restriction == ExecRestriction.NoNewPrivileges || !old.Has(Capability.SetUid))
            {
                user = old.UserId;
                group = old.GroupId;
            }

            permitted = permitted.And(old.Permitted);
        }

        CapabilitySet ambient = isSetId || given is not null ? CapabilitySet.Empty : old.Ambient;
        permitted = permitted.Or(ambient);
        isSecure = isSetId || (old.UserId != 0 && (effective || !permitted.IsSubsetOf(ambient)));
        credentials = new Credentials(old)
        {
            EffectiveUserId = user,
            SavedUserId = user,
            FileUserId = user,
            EffectiveGroupId = group,
            SavedGroupId = group,
            FileGroupId = group,
            Permitted = permitted,
            Effective = effective ? permitted : ambient,
            Ambient = ambient,
            SecureBits = old.SecureBits & ~KeepCapabilities,
        };
        return Errno.Ok;
    }
}
