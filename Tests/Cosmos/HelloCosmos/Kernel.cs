using System;
using System.Collections.Generic;
using System.Text;
using Cosmos.Core;
using Sys = Cosmos.System;

namespace HelloCosmos
{
    public class Kernel : Sys.Kernel
    {
        private readonly Dictionary<string, Action<string>> commands = new Dictionary<string, Action<string>>();
        private int lines;

        protected override void BeforeRun()
        {
            commands["cpu"] = text => Console.WriteLine($"{CPU.GetCPUVendorName()}, {CPU.GetAmountOfRAM()} MB");
            commands["color"] = SetColor;
            commands["key"] = text => ReadKey();
            commands["move"] = text => MoveCursor();
            commands["clear"] = text => Console.Clear();
            commands["fail"] = text => throw new InvalidOperationException(text);
            commands["stop"] = text => Stop();
            commands["reboot"] = text => Sys.Power.Reboot();
            commands["shutdown"] = text => Sys.Power.Shutdown();
            mDebugger.Send("BeforeRun");
            Console.WriteLine("Cosmos booted successfully. Type a line of text to get it echoed back.");
        }

        protected override void Run()
        {
            Console.Write("Input: ");
            var input = Console.ReadLine();
            lines++;
            var words = input.Split(' ', 2);
            if (commands.TryGetValue(words[0], out var command))
            {
                command(words.Length > 1 ? words[1] : "");
                return;
            }

            Console.Write("Text typed: ");
            Console.WriteLine(input);
        }

        protected override void AfterRun()
        {
            Console.WriteLine("Stopped after " + lines + " lines.");
        }

        private void SetColor(string name)
        {
            if (!Enum.TryParse(name, true, out ConsoleColor color))
            {
                Console.WriteLine("No such colour.");
                return;
            }

            Console.ForegroundColor = color;
            Console.WriteLine($"This is {Console.ForegroundColor}.");
            Console.ResetColor();
        }

        private void ReadKey()
        {
            Console.Write("Press a key: ");
            var key = Console.ReadKey(true);
            Console.WriteLine($"{key.Modifiers} {key.Key} {(int)key.KeyChar}");
        }

        private void MoveCursor()
        {
            Console.Clear();
            Console.SetCursorPosition(10, 5);
            Console.Write("12345");
            var text = new StringBuilder();
            text.Append("cursor at ").Append(Console.CursorLeft).Append(',').Append(Console.CursorTop);
            text.Append(" of ").Append(Console.WindowWidth).Append('x').Append(Console.WindowHeight);
            Console.WriteLine();
            Console.WriteLine(text.ToString());
        }
    }
}
