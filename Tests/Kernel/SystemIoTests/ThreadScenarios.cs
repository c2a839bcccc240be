using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>Files with threads and with <c>async</c>. Each scenario gets an empty directory of its own; all hold on Linux and in the kernel alike.</summary>
internal static class ThreadScenarios
{
    private const int Threads = 8;

    public static void AsyncCallsReadAndWrite(string at) => ReadAndWriteAsync(at).GetAwaiter().GetResult();

    public static void ThreadsShareOneFile(string at)
    {
        const int Rounds = 60;
        string file = Path.Combine(at, "shared");
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        Run(number =>
        {
            byte[] own = Encoding.ASCII.GetBytes($"thread {number:00}\n");
            byte[] read = new byte[own.Length];
            for (int i = 0; i < Rounds; i++)
            {
                long offset = ((i * Threads) + number) * own.Length;
                RandomAccess.Write(handle, own, offset);
                Expect.Equal(own.Length, RandomAccess.Read(handle, read, offset));
                Expect.True(read.AsSpan().SequenceEqual(own));
            }
        });

        string[] lines = File.ReadAllLines(file);
        Expect.Equal(Threads * Rounds, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            Expect.Equal($"thread {i % Threads:00}", lines[i]);
        }
    }

    public static void ThreadsMakeAndRemoveNamesTogether(string at)
    {
        const int Rounds = 40;
        int winners = 0;
        Run(number =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                // Exactly one makes it.
                try
                {
                    File.Open(Path.Combine(at, $"race-{i}"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
                    Interlocked.Increment(ref winners);
                }
                catch (IOException)
                {
                }

                string own = Path.Combine(at, $"own-{number}", $"{i}");
                Directory.CreateDirectory(Path.GetDirectoryName(own)!);
                File.WriteAllText(own, own);
                Expect.Equal(own, File.ReadAllText(own));
                File.Delete(own);
            }
        });

        Expect.Equal(Rounds, winners);
        Expect.Equal(Rounds, Directory.GetFiles(at, "race-*").Length);
        Expect.Equal(0, Directory.GetFiles(at, "*", SearchOption.AllDirectories).Count(path => path.Contains("own-", StringComparison.Ordinal)));
    }

    private static async Task ReadAndWriteAsync(string at)
    {
        string file = Path.Combine(at, "async");
        await File.WriteAllTextAsync(file, "one\ntwo\n");
        await File.AppendAllTextAsync(file, "three");
        Expect.Equal("one\ntwo\nthree", await File.ReadAllTextAsync(file));
        await using (var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 4096, useAsync: true))
        {
            Expect.True(stream.IsAsync);
            byte[] buffer = new byte[100];
            Expect.Equal(13, await stream.ReadAsync(buffer));
            Expect.Equal(0, await stream.ReadAsync(buffer));
            stream.Position = 4;
            await stream.WriteAsync("TWO"u8.ToArray());
            await stream.FlushAsync();
        }

        using var reader = new StreamReader(file);
        Expect.Equal("one", await reader.ReadLineAsync());
        Expect.Equal("TWO", await reader.ReadLineAsync());
        Expect.Equal("three", await reader.ReadToEndAsync());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        try
        {
            await File.ReadAllTextAsync(file, cancelled.Token);
            throw new InvalidOperationException("a cancelled read went on");
        }
        catch (OperationCanceledException)
        {
        }

        string[] copies = [.. await Task.WhenAll(Enumerable.Range(0, 16).Select(async number =>
        {
            string copy = Path.Combine(at, $"copy-{number}");
            await File.WriteAllTextAsync(copy, $"{number}");
            return await File.ReadAllTextAsync(copy);
        }))];
        Expect.Same(Enumerable.Range(0, 16).Select(number => $"{number}"), copies);
    }

    private static void Run(Action<int> body)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            try
            {
                body(number);
            }
            catch (Exception thrown)
            {
                Interlocked.CompareExchange(ref failure, thrown, null);
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }
}
