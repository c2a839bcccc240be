using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Cosmos.Common.Extensions;
using Cosmos.HAL;
using Cosmos.HAL.BlockDevice;
using Cosmos.System;
using Cosmos.System.ExtendedASCII;
using Cosmos.System.FileSystem;
using Cosmos.System.FileSystem.Listing;
using Cosmos.System.FileSystem.VFS;
using Console = System.Console;
using Sys = Cosmos.System;

namespace FilesCosmos
{
    // A shell with commands for files, as most Cosmos kernels begin, and what it could not do there: a clock that ticks while a line is typed, keys that are polled beside Run, files read
    // without waiting.
    public class Kernel : Sys.Kernel
    {
        private const string Home = @"0:\home\";
        private readonly CosmosVFS fs = new CosmosVFS();
        private string currentDirectory = Home;
        private volatile bool ended;
        private volatile int ticks;
        private Thread poller;
        private int turns;

        protected override void BeforeRun()
        {
            VFSManager.RegisterVFS(fs, false);
            VFSManager.CreateDirectory(Home);
            Encoding.RegisterProvider(CosmosEncodingProvider.Instance);
            new Thread(TickClock) { IsBackground = true }.Start();
            Console.WriteLine("FilesCosmos on a drive of type " + fs.GetFileSystemType(@"0:\") + ". Type help.");
        }

        protected override void Run()
        {
            // While keys are polled, Run goes on, and leaves the keys to the poller.
            if (poller != null)
            {
                turns++;
                Thread.Sleep(1);
                if (poller.IsAlive)
                {
                    return;
                }

                poller = null;
                Console.WriteLine("Run was called meanwhile: " + (turns > 1));
            }

            Console.Write(currentDirectory + "> ");
            var input = Console.ReadLine();
            try
            {
                Execute(input.Split(' '));
            }
            catch (Exception e)
            {
                Console.WriteLine("Error: " + e.Message);
            }
        }

        protected override void AfterRun()
        {
            ended = true;
            Sys.Power.Shutdown();
        }

        private void Execute(string[] args)
        {
            switch (args[0])
            {
                case "":
                    break;
                case "help":
                    Console.WriteLine("dir cd mkdir write cat copy del deltree space bytes disks raw paths async keys tick cp437 pci wait timer exit");
                    break;
                case "dir":
                    foreach (DirectoryEntry entry in VFSManager.GetDirectoryListing(currentDirectory))
                    {
                        Console.WriteLine((entry.mEntryType == DirectoryEntryTypeEnum.Directory ? "<DIR> " : "      ") + entry.mName + " " + entry.mSize);
                    }

                    break;
                case "cd":
                    currentDirectory = args[1] == ".." ? VFSManager.GetParent(currentDirectory).mFullPath : Path.Combine(currentDirectory, args[1]) + @"\";
                    if (!Directory.Exists(currentDirectory))
                    {
                        Console.WriteLine("No such directory.");
                        currentDirectory = Home;
                    }

                    break;
                case "mkdir":
                    fs.CreateDirectory(currentDirectory + args[1]);
                    break;
                case "write":
                    File.WriteAllText(currentDirectory + args[1], string.Join(" ", args, 2, args.Length - 2));
                    break;
                case "cat":
                    Console.WriteLine(File.ReadAllText(currentDirectory + args[1]));
                    break;
                case "copy":
                    File.WriteAllBytes(currentDirectory + args[2], File.ReadAllBytes(currentDirectory + args[1]));
                    break;
                case "del":
                    VFSManager.DeleteFile(currentDirectory + args[1]);
                    break;
                case "deltree":
                    VFSManager.DeleteDirectory(currentDirectory + args[1], true);
                    break;
                case "space":
                    Console.WriteLine(fs.GetAvailableFreeSpace(@"0:\") > 0 && fs.GetTotalSize(@"0:\") >= fs.GetAvailableFreeSpace("0") ? "There is space." : "No space.");
                    break;
                case "bytes":
                    ShowBytes(VFSManager.GetFile(currentDirectory + args[1]));
                    break;
                case "disks":
                    foreach (var disk in VFSManager.GetDisks())
                    {
                        Console.WriteLine(disk.Partitions.Count == 0 ? disk.Type + " of " + disk.Size + " bytes" : disk.Partitions[0].RootPath + " " + disk.Partitions[0].MountedFS.Type + (disk.Size > 0 ? "" : " empty"));
                    }

                    break;
                case "raw":
                    UseDisk();
                    break;
                case "paths":
                    ShowPaths();
                    break;
                case "async":
                    Console.WriteLine(ReadAll().GetAwaiter().GetResult());
                    break;
                case "keys":
                    PollKeys();
                    break;
                case "tick":
                    Console.WriteLine(WaitForTicks() ? "The clock ticks while the shell runs." : "The clock stands still.");
                    break;
                case "cp437":
                    Console.OutputEncoding = Encoding.GetEncoding(437);
                    Console.WriteLine("The console has code page " + Console.OutputEncoding.CodePage + ": ╔═Ä═╗");
                    Console.WriteLine(string.Join(" ", Array.ConvertAll(Encoding.GetEncoding(437).GetBytes("Ä█π"), value => value.ToHex())));
                    break;
                case "pci":
                    Console.WriteLine("PCI: " + (PCI.Count > 0) + " " + PCI.Exists(VendorID.Bochs, DeviceID.BGA));
                    break;
                case "wait":
                    Cosmos.HAL.Global.PIT.Wait(20);
                    Console.WriteLine("Waited.");
                    break;
                case "timer":
                    RunTimer();
                    break;
                case "exit":
                    Stop();
                    break;
                default:
                    Console.WriteLine("Unknown command: " + args[0]);
                    break;
            }
        }

        private void ShowBytes(DirectoryEntry file)
        {
            using (var stream = file.GetFileStream())
            {
                var data = new byte[stream.Length];
                stream.Read(data, 0, data.Length);
                foreach (var value in data)
                {
                    Console.Write(value.ToHex() + " ");
                }

                Console.WriteLine();
            }
        }

        // A disk that is empty gets a partition, whose blocks are written and read by both names that they have.
        private static void UseDisk()
        {
            var device = BlockDevice.Devices[0];
            var disk = new Disk(device);
            Console.WriteLine("Disk of " + device.BlockCount + " blocks of " + device.BlockSize + ", " + disk.Partitions.Count + " partitions, MBR " + disk.IsMBR);
            disk.CreatePartition(4);
            disk.CreatePartition(2);
            Console.WriteLine("Names: " + File.Exists("/dev/vda1") + " " + File.Exists("/dev/vda2"));
            foreach (var partition in disk.Partitions)
            {
                Console.WriteLine("Partition from " + partition.Host.StartingSector + " of " + partition.Host.BlockCount);
            }

            var first = disk.Partitions[0].Host;
            var data = first.NewBlockArray(3);
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = (byte)(i * 7 + i / 512);
            }

            first.WriteBlock(5, 3, ref data);
            var read = device.NewBlockArray(3);
            device.ReadBlock(first.StartingSector + 5, 3, ref read);
            Console.WriteLine("Blocks are " + (read.AsSpan().SequenceEqual(data) ? "the same" : "others"));
            disk.DeletePartition(1);
            Console.WriteLine("Names: " + File.Exists("/dev/vda1") + " " + File.Exists("/dev/vda2"));
            Console.WriteLine("Table of " + new MBR(device).Partitions.Count + ", GPT " + GPT.IsGPTPartition(device));
            try
            {
                first.ReadBlock(first.BlockCount - 2, 3, ref read);
            }
            catch (ArgumentOutOfRangeException)
            {
                Console.WriteLine("Nothing behind the end.");
            }
        }

        private static void ShowPaths()
        {
            File.WriteAllText(@"0:\home\a.txt", "a");
            Console.WriteLine(Path.Combine(@"0:\home", "a.txt") + " " + Path.GetFileName(@"0:\home\a.txt") + " " + Path.GetFileNameWithoutExtension(@"0:\home\a.txt") + " " + Path.GetDirectoryName(@"0:\home\a.txt") + " " + Path.GetFullPath(@"0:\home\..\home\.\a.txt"));
            Console.WriteLine(string.Join(" ", Directory.GetFiles(@"0:\home", "a.*")) + " " + new FileInfo(@"0:\home\a.txt").FullName + " " + new FileInfo(@"0:\home\a.txt").Directory.Name + " " + File.Exists("/home/a.txt") + " " + Path.Combine("/home", "a.txt"));
        }

        private static async Task<string> ReadAll()
        {
            int length = 0;
            for (int i = 0; i < 3; i++)
            {
                await File.WriteAllTextAsync(Home + "async" + i, new string('x', 1000 * (i + 1)));
                await Task.Delay(5);
            }

            string[] all = await Task.WhenAll(File.ReadAllTextAsync(Home + "async0"), File.ReadAllTextAsync(Home + "async1"), File.ReadAllTextAsync(Home + "async2"));
            foreach (string text in all)
            {
                length += text.Length;
            }

            using (var reader = new StreamReader(Home + "async2"))
            {
                char[] buffer = new char[100];
                while (await reader.ReadAsync(buffer, 0, buffer.Length) is int count && count > 0)
                {
                    length += count;
                }
            }

            return "read without waiting: " + length;
        }

        // Keys are polled by a thread of their own, beside Run.
        private void PollKeys()
        {
            Console.WriteLine("Press keys, Escape ends.");
            turns = 0;
            poller = new Thread(() =>
            {
                KeyEvent key;
                do
                {
                    while (!KeyboardManager.TryReadKey(out key))
                    {
                        Thread.Sleep(5);
                    }

                    Console.WriteLine("Key " + key.Key + " '" + (key.KeyChar < ' ' ? ' ' : key.KeyChar) + "' " + key.Modifiers);
                }
                while (key.Key != ConsoleKeyEx.Escape);
            });
            poller.Start();
        }

        private void TickClock()
        {
            while (!ended)
            {
                ticks++;
                Thread.Sleep(10);
            }
        }

        private bool WaitForTicks()
        {
            int before = ticks;
            for (int i = 0; i < 1000 && ticks < before + 3; i++)
            {
                Thread.Sleep(10);
            }

            return ticks >= before + 3;
        }

        private static void RunTimer()
        {
            int calls = 0;
            var done = new ManualResetEventSlim();
            var timer = new PIT.PITTimer(() =>
            {
                if (++calls == 3)
                {
                    done.Set();
                }
            }, 10_000_000, true);
            Cosmos.HAL.Global.PIT.RegisterTimer(timer);
            done.Wait();
            timer.Dispose();
            Console.WriteLine("Timer called.");
        }
    }
}
