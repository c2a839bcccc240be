using System.Runtime.InteropServices;

namespace PluggedCosmos
{
    /// <summary>What the plugs replace: each answer here is wrong.</summary>
    public class Device
    {
        public static readonly string Origin = "wrong";
        private static int s_count = 1;
        private int _number;
        private string _name = "wrong";

        public Device(int number) => _number = -number;

        public int Number => _number;

        public string Name => _name;

        public static int Count() => -1;

        public static string Untouched() => "as it was";

        public string Describe(string text) => "wrong " + text + s_count;

        public int Remember(int value) => -1;
    }

    public struct Point
    {
        public int X;
        public int Y;

        public readonly int Sum() => -1;
    }

    public abstract class Animal
    {
        public abstract string Speak();
    }

    public class Cat : Animal
    {
        public override string Speak() => "wrong";
    }

    public class Dog : Animal
    {
        public override string Speak() => "wrong";
    }

    public class Fish : Animal
    {
        public override string Speak() => "wrong";
    }

    public class Box<T>
    {
        private readonly T _content;

        public Box(T content) => _content = content;

        public string Open() => "wrong";
    }

    internal static class NativeMethods
    {
        [DllImport("libc")]
        internal static extern int getpagesize();
    }
}
