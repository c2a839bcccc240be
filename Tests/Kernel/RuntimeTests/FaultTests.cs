using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>Processor exceptions that become .NET exceptions, and the checks that compiled code makes itself.</summary>
public static class FaultTests
{
    private interface IShape
    {
        int Sides { get; }
    }

    [KernelTest("runtime.fault.reading_a_field_of_null_is_a_null_reference")]
    public static void ReadField() => _ = Check.Throws<NullReferenceException>(() => _ = Null<Box>().Value);

    [KernelTest("runtime.fault.writing_a_number_to_null_is_a_null_reference")]
    public static void WriteField() => _ = Check.Throws<NullReferenceException>(() => Null<Box>().Value = 1);

    [KernelTest("runtime.fault.writing_a_reference_to_null_is_a_null_reference")]
    public static void WriteReference() => _ = Check.Throws<NullReferenceException>(() => Null<Box>().Next = new Box());

    [KernelTest("runtime.fault.a_virtual_call_on_null_is_a_null_reference")]
    public static void VirtualCall() => _ = Check.Throws<NullReferenceException>(() => _ = Null<object>().ToString());

    [KernelTest("runtime.fault.an_interface_call_on_null_is_a_null_reference")]
    public static void InterfaceCall()
    {
        // The cell's first call, and a later one that goes through its table.
        static int Sides(IShape shape) => shape.Sides;
        _ = Check.Throws<NullReferenceException>(() => _ = Sides(Null<IShape>()));
        Check.Equal(3, Sides(new Triangle()));
        Check.Equal(4, Sides(new Square()));
        _ = Check.Throws<NullReferenceException>(() => _ = Sides(Null<IShape>()));
    }

    [KernelTest("runtime.fault.calling_a_null_delegate_is_a_null_reference")]
    public static void NullDelegate() => _ = Check.Throws<NullReferenceException>(() => Null<Action>()());

    [KernelTest("runtime.fault.the_length_of_a_null_array_is_a_null_reference")]
    public static void NullArray() => _ = Check.Throws<NullReferenceException>(() => _ = Null<int[]>().Length);

    [KernelTest("runtime.fault.an_element_of_a_null_array_is_a_null_reference")]
    public static void NullElement() => _ = Check.Throws<NullReferenceException>(() => Null<string[]>()[3] = "x");

    [KernelTest("runtime.fault.a_far_field_of_null_is_a_null_reference")]
    public static void FarField() => _ = Check.Throws<NullReferenceException>(() => _ = Null<Wide>().Last);

    [KernelTest("runtime.fault.exchanging_a_field_of_null_is_a_null_reference")]
    public static void Exchange() =>
        _ = Check.Throws<NullReferenceException>(() => System.Threading.Interlocked.Exchange(ref Null<Box>().Next, null));

    [KernelTest("runtime.fault.registers_are_intact_after_a_null_reference")]
    public static void Registers()
    {
        int a = One(), b = a + One(), c = b + One(), d = c + One(), e = d + One(), f = e + One();
        int caught = 0;
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                a += Null<Box>().Value;
            }
            catch (NullReferenceException)
            {
                caught += b;
            }
        }

        Check.Equal(2000, caught);
        Check.Equal(21, a + b + c + d + e + f);
    }

    [KernelTest("runtime.fault.division_by_zero_of_each_integer_type")]
    public static void DivideByZero()
    {
        int zero = One() - 1;
        _ = Check.Throws<DivideByZeroException>(() => _ = One() / zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = One() % zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = (uint)One() / (uint)zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = (long)One() / zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = (ulong)One() % (ulong)zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = (byte)One() / (byte)zero);
        _ = Check.Throws<DivideByZeroException>(() => _ = 1m / zero);
    }

    [KernelTest("runtime.fault.division_by_a_zero_in_memory")]
    public static void DivideByMemory()
    {
        var box = new Box();
        long[] numbers = [5, 0, 7];
        _ = Check.Throws<DivideByZeroException>(() => _ = One() / box.Value);
        _ = Check.Throws<DivideByZeroException>(() => _ = One() / numbers[One()]);
    }

    [KernelTest("runtime.fault.the_smallest_number_divided_by_minus_one_overflows")]
    public static void DivideOverflow()
    {
        int minusOne = One() - 2;
        int smallest = int.MinValue + One() - 1;
        long smallestLong = long.MinValue + One() - 1;
        _ = Check.Throws<OverflowException>(() => _ = smallest / minusOne);
        _ = Check.Throws<OverflowException>(() => _ = smallest % minusOne);
        _ = Check.Throws<OverflowException>(() => _ = smallestLong / minusOne);
        _ = Check.Throws<OverflowException>(() => _ = smallestLong % minusOne);
    }

    [KernelTest("runtime.fault.real_division_by_zero_is_infinite")]
    public static void RealDivision()
    {
        double zero = One() - 1;
        Check.True(double.IsPositiveInfinity(One() / zero));
        Check.True(double.IsNaN(zero / zero));
    }

    [KernelTest("runtime.fault.a_fault_inside_finally_replaces_the_exception")]
    public static void FaultInFinally() =>
        _ = Check.Throws<NullReferenceException>(() =>
        {
            try
            {
                throw new InvalidOperationException();
            }
            finally
            {
                Null<Box>().Value = 1;
            }
        });

    [KernelTest("runtime.fault.a_fault_inside_a_filter_is_a_no")]
    public static void FaultInFilter()
    {
        bool caught = false;
        try
        {
            throw new InvalidOperationException();
        }
        catch (InvalidOperationException) when (Null<Box>().Value == 0)
        {
            Check.Fail("the filter said yes");
        }
        catch (InvalidOperationException)
        {
            caught = true;
        }

        Check.True(caught);
    }

    [KernelTest("runtime.check.array_bounds")]
    public static void Bounds()
    {
        int[] array = new int[3];
        int index = One() + 2;
        _ = Check.Throws<IndexOutOfRangeException>(() => array[index] = 1);
        _ = Check.Throws<IndexOutOfRangeException>(() => array[index - 4] = 1);
        _ = Check.Throws<IndexOutOfRangeException>(() => _ = "abc"[index]);
        _ = Check.Throws<ArgumentOutOfRangeException>(() => _ = array.AsSpan(index + 1).Length);
    }

    [KernelTest("runtime.check.casts_and_unboxing")]
    public static void Casts()
    {
        object text = "text";
        object number = One();
        _ = Check.Throws<InvalidCastException>(() => _ = (Box)text);
        _ = Check.Throws<InvalidCastException>(() => _ = (IShape)text);
        _ = Check.Throws<InvalidCastException>(() => _ = (long)number);
        _ = Check.Throws<NullReferenceException>(() => _ = (int)Null<object>());
        Check.Equal(1, (int)number);
        Check.True(text is IComparable<string> and not IShape);
        Check.True(number as string is null);
    }

    [KernelTest("runtime.check.covariant_arrays_refuse_the_wrong_element")]
    public static void Covariance()
    {
        object[] texts = new string[2];
        texts[0] = "fits";
        _ = Check.Throws<ArrayTypeMismatchException>(() => texts[1] = new Box());
        Check.Equal("fits", (string)texts[0]);
    }

    [KernelTest("runtime.check.checked_arithmetic")]
    public static void CheckedArithmetic()
    {
        int big = int.MaxValue - 1 + One();
        _ = Check.Throws<OverflowException>(() => _ = checked(big + One()));
        _ = Check.Throws<OverflowException>(() => _ = checked((byte)big));
        _ = Check.Throws<OverflowException>(() => _ = checked((uint)-One()));
        _ = Check.Throws<OverflowException>(() => _ = new int[-One()]);
        Check.Equal(int.MinValue, unchecked(big + One()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Null<T>()
        where T : class => null!;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int One() => 1;

    [InlineArray(1000)]
    private struct Filler
    {
        private long _first;
    }

    [TaskPrivate]
    private sealed class Box
    {
        public int Value;
        public Box? Next;
    }

    [TaskPrivate]
    private sealed class Wide
    {
        public Filler Filler;
        public int Last;

        public Wide()
        {
            Filler[0] = 1;
            Last = 1;
        }
    }

    private sealed class Triangle : IShape
    {
        public int Sides => 3;
    }

    private sealed class Square : IShape
    {
        public int Sides => 4;
    }
}
