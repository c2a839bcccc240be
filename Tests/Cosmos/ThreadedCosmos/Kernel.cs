using System;
using System.Threading;
using System.Threading.Tasks;
using Sys = Cosmos.System;

namespace ThreadedCosmos
{
    // What a Cosmos kernel could not do before: threads beside Run, tasks, timers, locks.
    public class Kernel : Sys.Kernel
    {
        private readonly object gate = new object();
        private long ticks;
        private volatile bool ended;
        private Thread ticker;

        protected override void BeforeRun()
        {
            ticker = new Thread(Tick) { Name = "ticker", IsBackground = true };
            ticker.Start();
            Console.WriteLine("Commands: ticks, delay, lock, parallel, exit");
        }

        protected override void Run()
        {
            Console.Write("threads> ");
            switch (Console.ReadLine())
            {
                case "ticks":
                    Console.WriteLine(WaitForTicks() ? "the ticker ticks while Run reads lines" : "the ticker stands still");
                    break;
                case "delay":
                    Console.WriteLine("delayed by tasks: " + Delay().GetAwaiter().GetResult());
                    break;
                case "lock":
                    Console.WriteLine("counted under lock: " + Count(4, 10000));
                    break;
                case "parallel":
                    Console.WriteLine("summed in parallel: " + Sum(1000));
                    break;
                case "exit":
                    Stop();
                    break;
                default:
                    Console.WriteLine("?");
                    break;
            }
        }

        protected override void AfterRun()
        {
            ended = true;
            ticker.Join();
            Console.WriteLine("the ticker has ended");
            Sys.Power.Shutdown();
        }

        private void Tick()
        {
            while (!ended)
            {
                Interlocked.Increment(ref ticks);
                Thread.Sleep(10);
            }
        }

        private bool WaitForTicks()
        {
            long before = Interlocked.Read(ref ticks);
            for (int i = 0; i < 1000 && Interlocked.Read(ref ticks) < before + 3; i++)
            {
                Thread.Sleep(10);
            }

            return Interlocked.Read(ref ticks) >= before + 3;
        }

        private static async Task<int> Delay()
        {
            int sum = 0;
            foreach (int value in new[] { 1, 2, 3 })
            {
                await Task.Delay(5 * value);
                sum += await Task.Run(() => value * value);
            }

            return sum;
        }

        private int Count(int threads, int times)
        {
            int count = 0;
            var all = new Thread[threads];
            for (int i = 0; i < threads; i++)
            {
                all[i] = new Thread(() =>
                {
                    for (int n = 0; n < times; n++)
                    {
                        lock (gate)
                        {
                            count++;
                        }
                    }
                });
                all[i].Start();
            }

            foreach (var thread in all)
            {
                thread.Join();
            }

            return count;
        }

        private static long Sum(int values)
        {
            long sum = 0;
            Parallel.For(1, values + 1, value => Interlocked.Add(ref sum, value));
            return sum;
        }
    }
}
