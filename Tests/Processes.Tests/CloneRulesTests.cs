using CosmosKernel.Abi;
using Xunit;

namespace CosmosKernel.Processes.Tests;

public sealed class CloneRulesTests
{
    private const ulong Thread = CloneFlags.CLONE_VM | CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SYSVSEM
        | CloneFlags.CLONE_SETTLS | CloneFlags.CLONE_PARENT_SETTID | CloneFlags.CLONE_CHILD_CLEARTID;

    [Theory]
    [InlineData(0)]
    [InlineData(Thread)]
    [InlineData(CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK)]
    [InlineData(CloneFlags.CLONE_VM | CloneFlags.CLONE_SIGHAND)]
    [InlineData(CloneFlags.CLONE_FILES)]
    [InlineData(CloneFlags.CLONE_FS)]
    [InlineData(CloneFlags.CLONE_PARENT)]
    [InlineData(CloneFlags.CLONE_IO | CloneFlags.CLONE_UNTRACED | CloneFlags.CLONE_DETACHED | CloneFlags.CLONE_PTRACE)]
    [InlineData(CloneFlags.CLONE_PIDFD)]
    [InlineData(CloneFlags.CLONE_CLEAR_SIGHAND)]
    public void LegalCombinationsPass(ulong flags) => Assert.Equal(Errno.Ok, CloneRules.Check(flags, isInit: false, isAdministrator: false));

    [Theory]
    [InlineData(CloneFlags.CLONE_THREAD)]
    [InlineData(CloneFlags.CLONE_THREAD | CloneFlags.CLONE_VM)]
    [InlineData(CloneFlags.CLONE_SIGHAND)]
    [InlineData(CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND)]
    [InlineData(CloneFlags.CLONE_FS | CloneFlags.CLONE_NEWNS)]
    [InlineData(CloneFlags.CLONE_FS | CloneFlags.CLONE_NEWUSER)]
    [InlineData(Thread | CloneFlags.CLONE_NEWPID)]
    [InlineData(Thread | CloneFlags.CLONE_NEWUSER)]
    [InlineData(CloneFlags.CLONE_PIDFD | CloneFlags.CLONE_DETACHED)]
    [InlineData(CloneFlags.CLONE_VM | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND)]
    [InlineData(CloneFlags.CLONE_NEWPID)]
    [InlineData(CloneFlags.CLONE_NEWUSER)]
    public void IllegalCombinationsAreInvalid(ulong flags) => Assert.Equal(Errno.EINVAL, CloneRules.Check(flags, isInit: false, isAdministrator: true));

    [Fact]
    public void TheFirstProcessHasNoSiblings() => Assert.Equal(Errno.EINVAL, CloneRules.Check(CloneFlags.CLONE_PARENT, isInit: true, isAdministrator: true));

    [Theory]
    [InlineData(CloneFlags.CLONE_NEWNS)]
    [InlineData(CloneFlags.CLONE_NEWPID)]
    [InlineData(CloneFlags.CLONE_NEWNET)]
    public void NamespacesNeedTheRightToThem(ulong flags) => Assert.Equal(Errno.EPERM, CloneRules.Check(flags, isInit: false, isAdministrator: false));

    [Fact]
    public void Clone3RefusesWhatHasAPlaceOfItsOwn()
    {
        Assert.Equal(Errno.Ok, CloneRules.CheckArguments(new CloneArguments { ExitSignal = Signal.SIGCHLD }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { Flags = Signal.SIGCHLD }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { Flags = CloneFlags.CLONE_DETACHED }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { Flags = 1ul << 40 }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { ExitSignal = 65 }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { ExitSignal = Signal.SIGCHLD, Flags = CloneFlags.CLONE_PARENT }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { Stack = 0x1000 }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { StackSize = 0x1000 }));
        Assert.Equal(Errno.EINVAL, CloneRules.CheckArguments(new CloneArguments { SetTid = 0x1000 }));
    }
}
