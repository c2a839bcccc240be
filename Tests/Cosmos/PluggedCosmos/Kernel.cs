using System;
using System.Collections.Generic;
using System.Text;
using IL2CPU.API.Attribs;
using Sys = Cosmos.System;

namespace PluggedCosmos
{
    public class Kernel : Sys.Kernel
    {
        [ManifestResourceStream(ResourceName = "PluggedCosmos.Motto.txt")]
        public static byte[] Motto;

        // Made after the resource is there.
        private static readonly string s_motto = Encoding.ASCII.GetString(Motto);

        protected override void BeforeRun()
        {
            Console.WriteLine("resource: " + s_motto);
        }

        protected override void Run()
        {
            var device = new Device(3);
            Console.WriteLine("constructor: " + device.Number);
            Console.WriteLine("instance: " + device.Describe("a"));
            Console.WriteLine("property: " + device.Name);
            Console.WriteLine("structure: " + new Point { X = 2, Y = 5 }.Sum());
            Console.WriteLine("static field: " + Device.Count());
            Console.WriteLine("class constructor: " + Device.Origin);
            Console.WriteLine("added field: " + device.Remember(20) + " " + device.Remember(22));
            Console.WriteLine("inherited: " + new Cat().Speak() + " " + new Dog().Speak() + " " + new Fish().Speak());
            Console.WriteLine("generic: " + new Box<string>("x").Open() + " " + new Box<int>(4).Open());
            Console.WriteLine("extern: " + NativeMethods.getpagesize());
            Console.WriteLine("corelib: " + Environment.MachineName + " " + new Version(1, 2).ToString());
            Console.WriteLine("framework: " + new Stack<int>().Count + " " + Console.Title);
            Console.WriteLine("cosmos: " + Cosmos.Core.CPU.GetCPUBrandString());
            Console.WriteLine("disabled: " + Device.Untouched());
            Console.WriteLine("done");
            Sys.Power.Shutdown();
        }
    }
}
