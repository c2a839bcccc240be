using System;
using Sys = Cosmos.System;

namespace XSharpCosmos
{
    public unsafe class Kernel : Sys.Kernel
    {
        protected override void BeforeRun()
        {
        }

        protected override void Run()
        {
            Console.WriteLine("sum: " + Fast.Sum(40, 2));
            Console.WriteLine("bits: " + Fast.Bits(0xFF00FF));
            int[] numbers = { 1, -2, 3, 40 };
            fixed (int* first = numbers)
            {
                Console.WriteLine("sum of numbers: " + Fast.SumOf(first, numbers.Length));
            }

            ulong before = Fast.Ticks();
            Console.WriteLine("time goes on: " + (Fast.Ticks() > before));
            Console.WriteLine("century: " + Fast.Clock(0x32).ToString("x2"));
            Sys.Power.Shutdown();
        }
    }
}
