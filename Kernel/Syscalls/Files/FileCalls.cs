using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Files;

/// <summary>System calls of files and names.</summary>
internal static class FileCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new ReadCall());
        table.Add(new WriteCall());
        table.Add(new ReadAtCall());
        table.Add(new WriteAtCall());
        table.Add(new ReadVectorCall());
        table.Add(new WriteVectorCall());
        table.Add(new ReadVectorAtCall());
        table.Add(new WriteVectorAtCall());
        table.Add(new ReadVectorFlagsCall());
        table.Add(new WriteVectorFlagsCall());
        table.Add(new SeekCall());
        table.Add(new OpenCall());
        table.Add(new OpenAtCall());
        table.Add(new CreateCall());
        table.Add(new OpenAt2Call());
        table.Add(new CloseCall());
        table.Add(new CloseRangeCall());
        table.Add(new PipeCall());
        table.Add(new Pipe2Call());
        table.Add(new DuplicateCall());
        table.Add(new Duplicate2Call());
        table.Add(new Duplicate3Call());
        table.Add(new StatCall());
        table.Add(new LinkStatCall());
        table.Add(new FileStatCall());
        table.Add(new StatAtCall());
        table.Add(new StatxCall());
        table.Add(new StatfsCall());
        table.Add(new FileStatfsCall());
        table.Add(new AccessCall());
        table.Add(new AccessAtCall());
        table.Add(new AccessAt2Call());
        table.Add(new ChangeModeCall());
        table.Add(new ChangeModeAtCall());
        table.Add(new ChangeModeAt2Call());
        table.Add(new FileChangeModeCall());
        table.Add(new ChangeOwnerCall());
        table.Add(new LinkChangeOwnerCall());
        table.Add(new ChangeOwnerAtCall());
        table.Add(new FileChangeOwnerCall());
        table.Add(new SetTimeCall());
        table.Add(new SetTimesCall());
        table.Add(new SetTimesAtCall());
        table.Add(new SetTimesFlagsCall());
        table.Add(new UmaskCall());
        table.Add(new TruncateCall());
        table.Add(new FileTruncateCall());
        table.Add(new AllocateCall());
        table.Add(new SyncCall());
        table.Add(new SyncFileSystemCall());
        table.Add(new SyncFileCall());
        table.Add(new SyncDataCall());
        table.Add(new SyncRangeCall());
        table.Add(new AdviseCall());
        table.Add(new ReadAheadCall());
        table.Add(new MakeDirectoryCall());
        table.Add(new MakeDirectoryAtCall());
        table.Add(new RemoveDirectoryCall());
        table.Add(new UnlinkCall());
        table.Add(new UnlinkAtCall());
        table.Add(new MakeNodeCall());
        table.Add(new MakeNodeAtCall());
        table.Add(new SymbolicLinkCall());
        table.Add(new SymbolicLinkAtCall());
        table.Add(new LinkCall());
        table.Add(new LinkAtCall());
        table.Add(new RenameCall());
        table.Add(new RenameAtCall());
        table.Add(new RenameAt2Call());
        table.Add(new ReadLinkCall());
        table.Add(new ReadLinkAtCall());
        table.Add(new GetEntries64Call());
        table.Add(new GetEntriesCall());
        table.Add(new GetWorkingDirectoryCall());
        table.Add(new ChangeDirectoryCall());
        table.Add(new FileChangeDirectoryCall());
        table.Add(new ChangeRootCall());
        table.Add(new MountCall());
        table.Add(new UnmountCall());
        table.Add(new PivotRootCall());
        table.Add(new SetAttributeCall());
        table.Add(new LinkSetAttributeCall());
        table.Add(new FileSetAttributeCall());
        table.Add(new GetAttributeCall());
        table.Add(new LinkGetAttributeCall());
        table.Add(new FileGetAttributeCall());
        table.Add(new ListAttributesCall());
        table.Add(new LinkListAttributesCall());
        table.Add(new FileListAttributesCall());
        table.Add(new RemoveAttributeCall());
        table.Add(new LinkRemoveAttributeCall());
        table.Add(new FileRemoveAttributeCall());
        table.Add(new NameToHandleCall());
        table.Add(new SendFileCall());
        table.Add(new SpliceCall());
        table.Add(new TeeCall());
        table.Add(new VectorSpliceCall());
        table.Add(new CopyRangeCall());
        table.Add(new ControlCall());
        table.Add(new FileControlCall());
        table.Add(new LockCall());
    }
}
