using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>Interface, virtual, generic and dynamic dispatch.</summary>
public static class DispatchTests
{
    private interface IAnimal
    {
        string Name { get; }

        string Describe() => "a " + Name;
    }

    private interface IWide
    {
        string Join(int a, long b, string c, int d, long e, int f, int g, string h, double p, float q, double r, double s, double t, double u, double v, double w, double x);
    }

    private interface IGenericMethods
    {
        string TypeName<T>(T value);
    }

    private interface ISum<TSelf>
        where TSelf : ISum<TSelf>
    {
        static abstract TSelf Zero { get; }

        static abstract TSelf Add(TSelf left, TSelf right);
    }

    private interface ITagged<in T>
    {
        string Tag(T value);
    }

    private interface IPoint
    {
        int Sum { get; }

        void Move(int by);
    }

    [KernelTest("runtime.dispatch.one_call_site_serves_many_classes")]
    public static void Polymorphic()
    {
        IAnimal[] animals = [new Cat(), new Dog(), new Cow(), new Nested<int>(), new Nested<string>(), new Nested<long>(), new Nested<Cat>(), new Nested<byte>(), new Nested<Dog>()];
        for (int round = 0; round < 100; round++)
        {
            foreach (IAnimal animal in animals)
            {
                Check.Equal(animal.GetType(), Identify(animal));
            }
        }
    }

    [KernelTest("runtime.dispatch.a_call_site_with_a_hundred_classes")]
    public static void Megamorphic()
    {
        // Each nesting of the struct is a class of its own.
        var things = new List<IAnimal>();
        AddPairs<byte>(things);
        AddPairs<short>(things);
        AddPairs<int>(things);
        AddPairs<long>(things);
        AddPairs<float>(things);
        AddPairs<double>(things);
        AddPairs<char>(things);
        AddPairs<bool>(things);
        AddPairs<decimal>(things);
        AddPairs<Guid>(things);
        Check.Equal(100, things.Count);
        for (int round = 0; round < 3; round++)
        {
            var names = new HashSet<string>();
            foreach (IAnimal thing in things)
            {
                Check.True(names.Add(thing.Name), thing.Name);
            }
        }
    }

    [KernelTest("runtime.dispatch.the_first_call_keeps_all_arguments")]
    public static void Arguments()
    {
        IWide wide = new Wide();
        for (int i = 0; i < 2; i++)
        {
            string joined = wide.Join(1, 2, "c", 4, 5, 6, 7, "h", 1.5, 2.5f, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5);
            Check.Equal("1 2 c 4 5 6 7 h 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5 9.5", joined);
        }
    }

    [KernelTest("runtime.dispatch.default_methods_and_overrides_of_them")]
    public static void DefaultMethods()
    {
        IAnimal cat = new Cat();
        IAnimal dog = new Dog();
        Check.Equal("a cat", cat.Describe());
        Check.Equal("the dog", dog.Describe());
    }

    [KernelTest("runtime.dispatch.generic_virtual_methods_over_classes_and_structs")]
    public static void GenericVirtual()
    {
        foreach (Maker maker in (Maker[])[new Maker(), new LoudMaker()])
        {
            string suffix = maker is LoudMaker ? "!" : "";
            Check.Equal("Int32" + suffix, maker.Make(1));
            Check.Equal("String" + suffix, maker.Make("x"));
            Check.Equal("Guid" + suffix, maker.Make(Guid.Empty));
            Check.Equal("KeyValuePair`2" + suffix, maker.Make(new KeyValuePair<string, int>("a", 1)));
        }
    }

    [KernelTest("runtime.dispatch.generic_interface_methods")]
    public static void GenericInterface()
    {
        IGenericMethods[] all = [new ClassMethods(), default(StructMethods)];
        Check.Equal("class Int32", all[0].TypeName(1));
        Check.Equal("class String", all[0].TypeName("s"));
        Check.Equal("struct Double", all[1].TypeName(1.0));
        Check.Equal("struct Object", all[1].TypeName(new object()));
    }

    [KernelTest("runtime.dispatch.static_abstract_methods")]
    public static void StaticAbstract()
    {
        Check.Equal(new Meters(6), Total<Meters>([new(1), new(2), new(3)]));
        Check.Equal(new Words("abc"), Total<Words>([new("a"), new("b"), new("c")]));
    }

    [KernelTest("runtime.dispatch.variant_interfaces")]
    public static void Variance()
    {
        ITagged<object> any = new AnyTag();
        ITagged<string> text = any;
        Check.Equal("tag x", text.Tag("x"));
        IEnumerable<object> objects = new List<string> { "a", "b" };
        int count = 0;
        foreach (object o in objects)
        {
            count += ((string)o).Length;
        }

        Check.Equal(2, count);
        Func<object> source = (Func<string>)(() => "covariant");
        Check.Equal("covariant", (string)source());
    }

    [KernelTest("runtime.dispatch.a_boxed_struct_is_changed_through_its_interface")]
    public static void BoxedStruct()
    {
        IPoint point = new Point { X = 1, Y = 2 };
        point.Move(10);
        Check.Equal(23, point.Sum);
        Check.Equal(3, Sum(new Point { X = 1, Y = 2 }));
    }

    [KernelTest("runtime.dispatch.an_object_implements_an_interface_at_run_time")]
    public static void DynamicInterface()
    {
        var chameleon = new Chameleon();
        for (int i = 0; i < 3; i++)
        {
            Check.Equal("chameleon", ((IColored)(object)chameleon).Color);
        }

        Check.False((object)chameleon is IDisposable);
    }

    [KernelTest("runtime.dispatch.delegates_open_closed_and_combined")]
    public static void Delegates()
    {
        var log = new List<int>();
        Action<int>? both = log.Add;
        both += n => log.Add(n * 10);
        both!(4);
        Check.SequenceEqual([4, 40], log.ToArray());
        both -= log.Add;
        both!(5);
        Check.SequenceEqual([4, 40, 50], log.ToArray());
        Func<string, int> open = Length;
        Check.Equal(3, open("abc"));
        Func<object, string> virtualCall = o => o.ToString()!;
        Check.Equal("7", virtualCall(7));
        Check.Equal(6, Compose<int>(n => n + 1, n => n * 2)(2));
    }

    [KernelTest("runtime.dispatch.shared_generic_code_knows_its_types")]
    public static void SharedGenerics()
    {
        Check.Equal("String,Cat", Pair<string, Cat>.Names);
        Check.Equal("Cat,String", Pair<Cat, string>.Names);
        Check.Equal("Int32,String", Pair<int, string>.Names);
        Interlocked.Increment(ref Pair<string, Cat>.Count);
        Check.Equal(1, Volatile.Read(ref Pair<string, Cat>.Count));
        Check.Equal(0, Volatile.Read(ref Pair<Cat, string>.Count));
        Check.Equal(typeof(List<string>), new List<string>().GetType());
        Check.True(Make<Cat>() is { Name: "cat" });
    }

    private interface IColored
    {
        string Color { get; }
    }

    [DynamicInterfaceCastableImplementation]
    private interface IColoredChameleon : IColored
    {
        string IColored.Color => "chameleon";
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Type Identify(IAnimal animal) => animal.Name.Length > 0 ? animal.GetType() : typeof(object);

    private static void AddPairs<T>(List<IAnimal> things)
        where T : struct
    {
        things.Add(new Nested<(T, byte)>());
        things.Add(new Nested<(T, short)>());
        things.Add(new Nested<(T, int)>());
        things.Add(new Nested<(T, long)>());
        things.Add(new Nested<(T, float)>());
        things.Add(new Nested<(T, double)>());
        things.Add(new Nested<(T, char)>());
        things.Add(new Nested<(T, bool)>());
        things.Add(new Nested<(T, decimal)>());
        things.Add(new Nested<(T, Guid)>());
    }

    private static TSum Total<TSum>(ReadOnlySpan<TSum> values)
        where TSum : ISum<TSum>
    {
        TSum total = TSum.Zero;
        foreach (TSum value in values)
        {
            total = TSum.Add(total, value);
        }

        return total;
    }

    private static int Sum<T>(T point)
        where T : IPoint => point.Sum;

    private static int Length(string text) => text.Length;

    private static Func<T, T> Compose<T>(Func<T, T> first, Func<T, T> second) => value => second(first(value));

    private static T Make<T>()
        where T : new() => new();

    private sealed class Cat : IAnimal
    {
        public string Name => "cat";
    }

    private sealed class Dog : IAnimal
    {
        public string Name => "dog";

        public string Describe() => "the dog";
    }

    private sealed class Cow : IAnimal
    {
        public string Name => "cow";
    }

    private sealed class Nested<T> : IAnimal
    {
        public string Name => typeof(T).ToString();
    }

    private sealed class Wide : IWide
    {
        public string Join(int a, long b, string c, int d, long e, int f, int g, string h, double p, float q, double r, double s, double t, double u, double v, double w, double x) =>
            FormattableString.Invariant($"{a} {b} {c} {d} {e} {f} {g} {h} {p} {q} {r} {s} {t} {u} {v} {w} {x}");
    }

    private class Maker
    {
        public virtual string Make<T>(T value) => typeof(T).Name;
    }

    private sealed class LoudMaker : Maker
    {
        public override string Make<T>(T value) => base.Make(value) + "!";
    }

    private sealed class ClassMethods : IGenericMethods
    {
        public string TypeName<T>(T value) => "class " + typeof(T).Name;
    }

    private readonly struct StructMethods : IGenericMethods
    {
        public string TypeName<T>(T value) => "struct " + typeof(T).Name;
    }

    private readonly record struct Meters(int Value) : ISum<Meters>
    {
        public static Meters Zero => new(0);

        public static Meters Add(Meters left, Meters right) => new(left.Value + right.Value);
    }

    private sealed record Words(string Text) : ISum<Words>
    {
        public static Words Zero => new("");

        public static Words Add(Words left, Words right) => new(left.Text + right.Text);
    }

    private sealed class AnyTag : ITagged<object>
    {
        public string Tag(object value) => "tag " + value;
    }

    private struct Point : IPoint
    {
        public int X;
        public int Y;

        public readonly int Sum => X + Y;

        public void Move(int by)
        {
            X += by;
            Y += by;
        }
    }

    private sealed class Chameleon : IDynamicInterfaceCastable
    {
        public bool IsInterfaceImplemented(RuntimeTypeHandle interfaceType, bool throwIfNotImplemented) => interfaceType.Equals(typeof(IColored).TypeHandle);

        public RuntimeTypeHandle GetInterfaceImplementation(RuntimeTypeHandle interfaceType) => typeof(IColoredChameleon).TypeHandle;
    }

    private static class Pair<T1, T2>
    {
        public static readonly string Names = typeof(T1).Name + "," + typeof(T2).Name;

        [Atomic]
        public static int Count;
    }
}
