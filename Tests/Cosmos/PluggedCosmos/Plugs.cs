using System;
using IL2CPU.API.Attribs;

namespace PluggedCosmos
{
    [Plug(Target = typeof(Device))]
    [PlugField(FieldId = "$$Memory$$", FieldType = typeof(int))]
    public static class DeviceImpl
    {
        public static void Ctor(Device aThis, int number, [FieldAccess(Name = "System.Int32 PluggedCosmos.Device._number")] ref int aNumber, [FieldAccess(Name = "_name")] ref string aName)
        {
            aNumber = number * 14;
            aName = "plugged name";
        }

        public static void CCtor([FieldAccess(Name = "System.String PluggedCosmos.Device.Origin")] ref string aOrigin, [FieldAccess(Name = "System.Int32 PluggedCosmos.Device.s_count")] ref int aCount)
        {
            aOrigin = "the plug";
            aCount = 7;
        }

        public static string get_Name(Device aThis, [FieldAccess(Name = "_name")] string aName) => aName;

        public static int Count([FieldAccess(Name = "System.Int32 PluggedCosmos.Device.s_count")] ref int aCount) => aCount;

        [PlugMethod(Signature = "System_String__PluggedCosmos_Device_Describe_System_String_")]
        public static string SomethingElse(Device aThis, string text) => aThis.Number + text;

        public static int Remember(Device aThis, int value, [FieldAccess(Name = "$$Memory$$")] ref int aMemory) => aMemory += value;

        [PlugMethod(Enabled = false)]
        public static string Untouched() => "not used";

        [PlugMethod(IsOptional = true)]
        public static void NotThere(Device aThis) => Helper();

        private static void Helper()
        {
        }
    }

    [Plug(Target = typeof(Point))]
    public static class PointImpl
    {
        public static int Sum(ref Point aThis) => aThis.X + aThis.Y;
    }

    [Plug(Target = typeof(Animal), Inheritable = true)]
    public static class AnimalImpl
    {
        public static string Speak(Animal aThis) => "a " + aThis.GetType().Name;
    }

    [Plug(Target = typeof(Box<>))]
    public static class BoxImpl<T>
    {
        public static string Open(Box<T> aThis, [FieldAccess(Name = "_content")] T aContent) => "box of " + aContent;
    }

    [Plug(Target = typeof(NativeMethods))]
    public static class NativeMethodsImpl
    {
        public static int getpagesize() => 4096;
    }

    [Plug(Target = typeof(Environment))]
    public static class EnvironmentImpl
    {
        public static string get_MachineName() => "plugged machine";
    }

    [Plug("System.Version, System.Private.CoreLib")]
    public static class VersionImpl
    {
        public static string ToString(Version aThis) => "version " + aThis.Major;
    }

    [Plug("System.Console, System.Console")]
    public static class ConsoleImpl
    {
        public static string get_Title() => "plugged title";
    }

    [Plug("Cosmos.Core.CPU, Cosmos.Core")]
    public static class CpuImpl
    {
        public static string GetCPUBrandString() => "plugged brand";
    }

    [Plug("No.Such.Type, No.Such.Assembly", IsOptional = true)]
    public static class NothingImpl
    {
        public static void Method()
        {
        }
    }
}
