using System.Runtime.CompilerServices;

namespace XSharpCosmos
{
    /// <summary>The functions of Fast.xs.</summary>
    public static unsafe class Fast
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern long Sum(long a, long b);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Bits(ulong value);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern long SumOf(int* numbers, long count);

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern ulong Ticks();

        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Clock(int register);
    }
}
