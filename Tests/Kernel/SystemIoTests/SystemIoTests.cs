using System;
using System.IO;
using System.Threading;
using CosmosKernel.Files.Managed;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>System.IO in the kernel does what it does on Linux: <c>Tests/SystemIo.Tests</c> runs the same scenarios there.</summary>
public static class SystemIoTests
{
    /// <inheritdoc cref="FileScenarios.TextIsWrittenAppendedAndRead"/>
    [KernelTest("file.system_io_text_is_written_appended_and_read")]
    public static void TextIsWrittenAppendedAndRead() => Run(FileScenarios.TextIsWrittenAppendedAndRead);

    /// <inheritdoc cref="FileScenarios.ErrorsAreTheExceptionsOfLinux"/>
    [KernelTest("file.system_io_errors_are_the_exceptions_of_linux")]
    public static void ErrorsAreTheExceptionsOfLinux() => Run(FileScenarios.ErrorsAreTheExceptionsOfLinux);

    /// <inheritdoc cref="FileScenarios.ModesOpenAsTheySay"/>
    [KernelTest("file.system_io_modes_open_as_they_say")]
    public static void ModesOpenAsTheySay() => Run(FileScenarios.ModesOpenAsTheySay);

    /// <inheritdoc cref="FileScenarios.SharingIsRefusedToOthers"/>
    [KernelTest("file.system_io_sharing_is_refused_to_others")]
    public static void SharingIsRefusedToOthers() => Run(FileScenarios.SharingIsRefusedToOthers);

    /// <inheritdoc cref="FileScenarios.StreamsSeekTruncateAndLeaveHoles"/>
    [KernelTest("file.system_io_streams_seek_truncate_and_leave_holes")]
    public static void StreamsSeekTruncateAndLeaveHoles() => Run(FileScenarios.StreamsSeekTruncateAndLeaveHoles);

    /// <inheritdoc cref="FileScenarios.HandlesReadAndWriteAtOffsets"/>
    [KernelTest("file.system_io_handles_read_and_write_at_offsets")]
    public static void HandlesReadAndWriteAtOffsets() => Run(FileScenarios.HandlesReadAndWriteAtOffsets);

    /// <inheritdoc cref="FileScenarios.BigFilesKeepEveryByte"/>
    [KernelTest("file.system_io_big_files_keep_every_byte")]
    public static void BigFilesKeepEveryByte() => Run(FileScenarios.BigFilesKeepEveryByte);

    /// <inheritdoc cref="FileScenarios.CopiesAndMovesKeepWhatTheyShould"/>
    [KernelTest("file.system_io_copies_and_moves_keep_what_they_should")]
    public static void CopiesAndMovesKeepWhatTheyShould() => Run(FileScenarios.CopiesAndMovesKeepWhatTheyShould);

    /// <inheritdoc cref="FileScenarios.AttributesAndTimesAreKept"/>
    [KernelTest("file.system_io_attributes_and_times_are_kept")]
    public static void AttributesAndTimesAreKept() => Run(FileScenarios.AttributesAndTimesAreKept);

    /// <inheritdoc cref="FileScenarios.LinksAreFollowedAndRead"/>
    [KernelTest("file.system_io_links_are_followed_and_read")]
    public static void LinksAreFollowedAndRead() => Run(FileScenarios.LinksAreFollowedAndRead);

    /// <inheritdoc cref="FileScenarios.TemporaryFilesAreNewAndGoWhenAsked"/>
    [KernelTest("file.system_io_temporary_files_are_new_and_go_when_asked")]
    public static void TemporaryFilesAreNewAndGoWhenAsked() => Run(FileScenarios.TemporaryFilesAreNewAndGoWhenAsked);

    /// <inheritdoc cref="FileScenarios.AnOpenFileOutlivesItsName"/>
    [KernelTest("file.system_io_an_open_file_outlives_its_name")]
    public static void AnOpenFileOutlivesItsName() => Run(FileScenarios.AnOpenFileOutlivesItsName);

    /// <inheritdoc cref="DirectoryScenarios.TreesAreMadeListedMovedAndDeleted"/>
    [KernelTest("file.system_io_trees_are_made_listed_moved_and_deleted")]
    public static void TreesAreMadeListedMovedAndDeleted() => Run(DirectoryScenarios.TreesAreMadeListedMovedAndDeleted);

    /// <inheritdoc cref="DirectoryScenarios.NamesMayHaveAnyCharacterButSlash"/>
    [KernelTest("file.system_io_names_may_have_any_character_but_slash")]
    public static void NamesMayHaveAnyCharacterButSlash() => Run(DirectoryScenarios.NamesMayHaveAnyCharacterButSlash);

    /// <inheritdoc cref="DirectoryScenarios.AnEnumerationGoesOnWhileTheDirectoryChanges"/>
    [KernelTest("file.system_io_an_enumeration_goes_on_while_the_directory_changes")]
    public static void AnEnumerationGoesOnWhileTheDirectoryChanges() => Run(DirectoryScenarios.AnEnumerationGoesOnWhileTheDirectoryChanges);

    /// <inheritdoc cref="DirectoryScenarios.RelativePathsBeginInTheCurrentDirectory"/>
    [KernelTest("file.system_io_relative_paths_begin_in_the_current_directory")]
    public static void RelativePathsBeginInTheCurrentDirectory() => Run(DirectoryScenarios.RelativePathsBeginInTheCurrentDirectory);

    /// <inheritdoc cref="DirectoryScenarios.DrivesAreMounts"/>
    [KernelTest("file.system_io_drives_are_mounts")]
    public static void DrivesAreMounts() => Run(DirectoryScenarios.DrivesAreMounts);

    /// <inheritdoc cref="DirectoryScenarios.AWatcherSeesChanges"/>
    [KernelTest("file.system_io_a_watcher_sees_changes")]
    public static void AWatcherSeesChanges() => Run(DirectoryScenarios.AWatcherSeesChanges);

    /// <inheritdoc cref="ThreadScenarios.AsyncCallsReadAndWrite"/>
    [KernelTest("file.system_io_async_calls_read_and_write")]
    public static void AsyncCallsReadAndWrite() => Run(ThreadScenarios.AsyncCallsReadAndWrite);

    /// <inheritdoc cref="ThreadScenarios.ThreadsShareOneFile"/>
    [KernelTest("file.system_io_threads_share_one_file")]
    public static void ThreadsShareOneFile() => Run(ThreadScenarios.ThreadsShareOneFile);

    /// <inheritdoc cref="ThreadScenarios.ThreadsMakeAndRemoveNamesTogether"/>
    [KernelTest("file.system_io_threads_make_and_remove_names_together")]
    public static void ThreadsMakeAndRemoveNamesTogether() => Run(ThreadScenarios.ThreadsMakeAndRemoveNamesTogether);

    /// <summary>A handle that nobody disposed is closed when the collector has found it.</summary>
    [MightSleep]
    [KernelTest("file.system_io_a_lost_handle_is_closed_by_its_finalizer")]
    public static void LostHandles() => Run(at =>
    {
        string file = Path.Combine(at, "lost");
        File.WriteAllText(file, "x");
        int before = ManagedFiles.OpenDescriptors;
        Lose(file);
        Check.True(ManagedFiles.OpenDescriptors >= before + 20);
        for (int i = 0; i < 200 && ManagedFiles.OpenDescriptors > before + 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(5);
        }

        // A stack may hold one by chance.
        Check.InRange(0, before + 5, ManagedFiles.OpenDescriptors);
    });

    /// <summary>Once a drive is set, Cosmos's paths work; without one a colon and a backslash are letters.</summary>
    [MightSleep]
    [KernelTest("file.system_io_cosmos_drives_are_directories")]
    public static void Drives() => Run(at =>
    {
        File.WriteAllText(Path.Combine(at, @"8:\plain"), "a name");
        DrivePaths.Set(8, at);
        try
        {
            File.WriteAllText(@"8:\file.txt", "on a drive");
            Directory.CreateDirectory(@"8:\dir\sub");
            File.Copy(@"8:\file.txt", Path.Combine(@"8:\dir\sub", "copy"));
            Check.Equal("on a drive", File.ReadAllText(Path.Combine(at, "file.txt")));
            Check.Equal("on a drive", File.ReadAllText(@"8:\dir\..\dir\sub\copy"));
            Check.Equal("on a drive", File.ReadAllText("8:/dir/sub/copy"));
            Check.True(Directory.Exists(@"8:\") && Directory.Exists("8:") && !File.Exists(@"8:\none"));
            foreach (string found in Directory.GetFiles(@"8:\dir\sub"))
            {
                Check.Equal("on a drive", File.ReadAllText(found));
            }

            Check.Throws<FileNotFoundException>(() => File.ReadAllText(@"7:\file.txt"));
            Check.False(File.Exists(Path.Combine(at, @"8:\plain")));
        }
        finally
        {
            DrivePaths.Set(8, null);
        }

        Check.Equal("a name", File.ReadAllText(Path.Combine(at, @"8:\plain")));
    });

    private static void Lose(string file)
    {
        for (int i = 0; i < 20; i++)
        {
            _ = File.OpenRead(file).Length;
        }
    }

    private static void Run(Action<string> scenario)
    {
        DirectoryInfo at = Directory.CreateTempSubdirectory("systemio-");
        try
        {
            scenario(at.FullName);
        }
        finally
        {
            at.Delete(recursive: true);
        }
    }
}
