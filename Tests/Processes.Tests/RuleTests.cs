using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using Xunit;

namespace CosmosKernel.Processes.Tests;

public sealed class RuleTests
{
    private static readonly Credentials s_user = new()
    {
        UserId = 1000,
        EffectiveUserId = 1000,
        SavedUserId = 1000,
        FileUserId = 1000,
        GroupId = 100,
        EffectiveGroupId = 100,
        SavedGroupId = 100,
        FileGroupId = 100,
        Permitted = CapabilitySet.Empty,
        Effective = CapabilitySet.Empty,
    };

    [Fact]
    public void StatusesAreThoseOfWait()
    {
        Assert.Equal(0x0300, WaitStatus.Exited(3));
        Assert.Equal(0xFF00, WaitStatus.Exited(-1));
        Assert.Equal(9, WaitStatus.Killed(9));
        Assert.Equal(0x137F, WaitStatus.Stopped(19));
        Assert.Equal(0xFFFF, WaitStatus.Continued);
        Assert.True(WaitStatus.IsKilled(WaitStatus.Killed(11)));
        Assert.Equal(11, WaitStatus.CodeOf(WaitStatus.Killed(11)));
        Assert.Equal(3, WaitStatus.CodeOf(WaitStatus.Exited(3)));
    }

    [Theory]
    [InlineData(0, Signal.SIGCHLD, true)]
    [InlineData(0, Signal.SIGUSR1, false)]
    [InlineData(WaitOptions.__WCLONE, Signal.SIGCHLD, false)]
    [InlineData(WaitOptions.__WCLONE, 0, true)]
    [InlineData(WaitOptions.__WALL, Signal.SIGUSR1, true)]
    [InlineData(WaitOptions.__WALL | WaitOptions.__WCLONE, Signal.SIGCHLD, true)]
    public void ChildrenAreChosenByTheirExitSignal(int options, int exitSignal, bool matches) => Assert.Equal(matches, ChildQuery.MatchesExitSignal(options, exitSignal));

    [Fact]
    public void AlternateStacksFollowTheirRules()
    {
        SignalStack none = new() { Flags = SignalStack.SS_DISABLE };
        SignalStack stack = new() { Address = 0x10000, Size = 0x4000 };
        Assert.Equal(SignalStack.SS_DISABLE, AlternateStacks.FlagsOf(none, 0x12000));
        Assert.Equal(SignalStack.SS_ONSTACK, AlternateStacks.FlagsOf(stack, 0x14000));
        Assert.Equal(0, AlternateStacks.FlagsOf(stack, 0x10000));
        Assert.Equal(0, AlternateStacks.FlagsOf(stack, 0x14001));

        SignalStack wanted = stack;
        Assert.Equal(Errno.EPERM, AlternateStacks.Check(stack, ref wanted, 0x12000));
        Assert.Equal(Errno.Ok, AlternateStacks.Check(none, ref wanted, 0x12000));
        wanted.Size = SignalStack.MINSIGSTKSZ - 1;
        Assert.Equal(Errno.ENOMEM, AlternateStacks.Check(none, ref wanted, 0));
        wanted = stack with { Flags = 8 };
        Assert.Equal(Errno.EINVAL, AlternateStacks.Check(none, ref wanted, 0));
        wanted = stack with { Flags = SignalStack.SS_AUTODISARM };
        Assert.Equal(Errno.Ok, AlternateStacks.Check(none, ref wanted, 0));
        Assert.False(AlternateStacks.IsOn(wanted, 0x12000));
        wanted = stack with { Flags = SignalStack.SS_DISABLE };
        Assert.Equal(Errno.Ok, AlternateStacks.Check(stack, ref wanted, 0));
        Assert.Equal(0ul, wanted.Size);
    }

    [Fact]
    public void SignalsNeedAnIdInCommonOrTheCapability()
    {
        Credentials other = new(s_user) { UserId = 1001, EffectiveUserId = 1001, SavedUserId = 1001 };
        Credentials setUid = new(s_user) { EffectiveUserId = 0, SavedUserId = 0 };
        Assert.True(SignalRequests.IsAllowed(s_user, s_user));
        Assert.False(SignalRequests.IsAllowed(s_user, other));
        Assert.True(SignalRequests.IsAllowed(s_user, setUid));
        Assert.True(SignalRequests.IsAllowed(new Credentials(), other));
        Assert.False(SignalRequests.IsAllowed(new Credentials(other) { EffectiveUserId = 2 }, s_user));
    }

    [Fact]
    public void LosingRootLosesCapabilities()
    {
        Credentials root = new();
        Credentials dropped = CredentialChange.AdjustCapabilities(root, new Credentials(root) { UserId = 1, EffectiveUserId = 1, SavedUserId = 1 });
        Assert.Equal(CapabilitySet.Empty, dropped.Permitted);
        Assert.Equal(CapabilitySet.Empty, dropped.Effective);

        Credentials lowered = CredentialChange.AdjustCapabilities(root, new Credentials(root) { EffectiveUserId = 1 });
        Assert.Equal(CapabilitySet.All, lowered.Permitted);
        Assert.Equal(CapabilitySet.Empty, lowered.Effective);

        Credentials raised = CredentialChange.AdjustCapabilities(lowered, new Credentials(lowered) { EffectiveUserId = 0 });
        Assert.Equal(CapabilitySet.All, raised.Effective);

        Credentials keeping = new(root) { SecureBits = ExecCredentials.KeepCapabilities };
        Credentials kept = CredentialChange.AdjustCapabilities(keeping, new Credentials(keeping) { UserId = 1, EffectiveUserId = 1, SavedUserId = 1 });
        Assert.Equal(CapabilitySet.All, kept.Permitted);
        Assert.Equal(CapabilitySet.Empty, kept.Effective);
    }

    [Fact]
    public void SetUserIdProgramsGetTheOwnersRights()
    {
        ExecCredentials.Compute(s_user, new ExecutedFile(0x9ED, 0, 0), ExecRestriction.None, out Credentials program, out bool secure);
        Assert.True(secure);
        Assert.Equal(0u, program.EffectiveUserId);
        Assert.Equal(0u, program.SavedUserId);
        Assert.Equal(1000u, program.UserId);
        Assert.Equal(CapabilitySet.All, program.Effective);

        ExecCredentials.Compute(s_user, new ExecutedFile(0x9ED, 0, 0), ExecRestriction.Mount, out Credentials refused, out secure);
        Assert.False(secure);
        Assert.Equal(1000u, refused.EffectiveUserId);
        Assert.Equal(CapabilitySet.Empty, refused.Effective);
    }

    [Fact]
    public void ASetGroupIdBitWithoutGroupExecuteMeansNothing()
    {
        ExecCredentials.Compute(s_user, new ExecutedFile(0x5E5, 0, 7), ExecRestriction.None, out Credentials program, out bool secure);
        Assert.False(secure);
        Assert.Equal(100u, program.EffectiveGroupId);
        ExecCredentials.Compute(s_user, new ExecutedFile(0x5ED, 0, 7), ExecRestriction.None, out program, out secure);
        Assert.True(secure);
        Assert.Equal(7u, program.EffectiveGroupId);
    }

    [Fact]
    public void AFilesCapabilitiesAreThoseOfTheBoundingSetAndTheInheritableOnes()
    {
        var raw = new CapabilitySet(1ul << (int)Capability.NetRaw);
        var both = raw.Or(new CapabilitySet(1ul << (int)Capability.NetAdmin));
        ExecutedFile file = new(0x1ED, 0, 0, new FileCapabilities(both, CapabilitySet.Empty, IsEffective: false));
        Credentials caller = new(s_user) { Bounding = raw };
        Assert.Equal(Errno.Ok, ExecCredentials.Compute(caller, file, ExecRestriction.None, out Credentials program, out bool secure));
        Assert.Equal(raw, program.Permitted);
        Assert.Equal(CapabilitySet.Empty, program.Effective);
        Assert.True(secure);

        // A file whose capabilities are effective at once is not executed with a part of them.
        file = file with { Capabilities = new FileCapabilities(both, CapabilitySet.Empty, IsEffective: true) };
        Assert.Equal(Errno.EPERM, ExecCredentials.Compute(caller, file, ExecRestriction.None, out _, out _));
        Assert.Equal(Errno.Ok, ExecCredentials.Compute(caller, file, ExecRestriction.Mount, out program, out secure));
        Assert.Equal(CapabilitySet.Empty, program.Permitted);
        Assert.False(secure);

        file = file with { Capabilities = new FileCapabilities(raw, CapabilitySet.Empty, IsEffective: true) };
        Assert.Equal(Errno.Ok, ExecCredentials.Compute(caller, file, ExecRestriction.NoNewPrivileges, out program, out _));
        Assert.Equal(CapabilitySet.Empty, program.Effective);
    }

    [Theory]
    [InlineData("0100000200200000000000000000000000000000", true, 0x2000, true)]
    [InlineData("0000000200200000000000000000000000000000", true, 0x2000, false)]
    [InlineData("010000020020000000000000000000000000000000", false, 0, false)]
    [InlineData("010000030020000000000000000000000000000000000000", true, 0x2000, true)]
    [InlineData("0100000300200000000000000000000000000000E8030000", false, 0, false)]
    [InlineData("010000010020000000000000", true, 0x2000, true)]
    [InlineData("010000090020000000000000", false, 0, false)]
    [InlineData("01000002", false, 0, false)]
    [InlineData("", false, 0, false)]
    public void FileCapabilitiesAreRead(string hexadecimal, bool isValid, ulong permitted, bool isEffective)
    {
        Assert.Equal(isValid, FileCapabilities.TryRead(Convert.FromHexString(hexadecimal), out FileCapabilities read));
        Assert.Equal(permitted, read.Permitted.Bits);
        Assert.Equal(isEffective, read.IsEffective);
    }
}
