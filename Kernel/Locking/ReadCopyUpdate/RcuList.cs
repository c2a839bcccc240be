using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.ReadCopyUpdate;

namespace CosmosKernel.Locking.ReadCopyUpdate;

/// <summary>What can be in an <see cref="RcuList{T, TGuard}"/>: in one at a time. Its content is changed only before it is added, or by rules of its own.</summary>
/// <typeparam name="T">The class derived from this.</typeparam>
public abstract class RcuListNode<T>
    where T : RcuListNode<T>
{
    // Readers follow it without a lock. It stays as it was when the element is taken out, so that readers who stand there get on.
    [Atomic]
    internal T? NextElement;

    [Protocol("Guarded by the writers' lock of the list that the element is in.")]
    internal T? PreviousElement { get; set; }

    /// <summary>The list that it is in.</summary>
    [Protocol("Guarded by the writers' lock of the list that the element is in.")]
    internal object? List { get; set; }
}

/// <summary>
/// A list that is read under RCU, without a lock, while others change it. Readers see every element that is in the list from before they begin until they end, and may or may not see those that come and
/// go meanwhile; none is seen twice.
/// <para>
/// Writers exclude each other by a lock of the caller's choice: its guard is an argument of every change, and its type is part of the list's type, so a change without such a lock does not compile:
/// <code>
/// private readonly RcuList&lt;Route, Mutex.Guard&gt; _routes = new();
///
/// using (Mutex.Guard guard = _lock.Enter()) { _routes.AddFirst(in guard, route); }
/// using (Rcu.Read()) { foreach (Route route in _routes) { ... } }
/// </code>
/// </para>
/// <para>An element that was removed may be changed, or added again, only after a grace period: readers may still stand on it.</para>
/// </summary>
/// <typeparam name="T">The elements' class.</typeparam>
/// <typeparam name="TGuard">The guard of the writers' lock, such as <c>SpinLock.Guard</c>.</typeparam>
[NoAllocation]
public sealed class RcuList<T, TGuard>
    where T : RcuListNode<T>
    where TGuard : allows ref struct
{
    [Atomic]
    private T? _first;

    [Protocol("Changed under the writers' lock only; read by anybody, for reports.")]
    private int _count;

    /// <summary>Elements. Exact under the writers' lock, otherwise outdated at once.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds an element at the front. Readers that begin after that see it, and all that was written to it before.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="element">It is in no list, and was removed from one, if ever, before the last grace period began.</param>
    public void AddFirst(scoped in TGuard guard, T element)
    {
        Claim(element);
        T? first = Volatile.Read(ref _first);
        element.PreviousElement = null;
        Volatile.Write(ref element.NextElement, first);
        if (first is not null)
        {
            first.PreviousElement = element;
        }

        // Release: who finds the element finds it whole. Pairs with the acquire of readers.
        Volatile.Write(ref _first, element);
        _count++;
    }

    /// <summary>Adds an element behind another one.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="place">An element of this list.</param>
    /// <param name="element">As for <see cref="AddFirst"/>.</param>
    public void AddAfter(scoped in TGuard guard, T place, T element)
    {
        AssertMine(place);
        Claim(element);
        T? next = Volatile.Read(ref place.NextElement);
        element.PreviousElement = place;
        Volatile.Write(ref element.NextElement, next);
        if (next is not null)
        {
            next.PreviousElement = element;
        }

        // Release, as in AddFirst.
        Volatile.Write(ref place.NextElement, element);
        _count++;
    }

    /// <summary>Takes an element out. Readers that stand on it go on to what followed it; those that begin after that do not see it.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="element">An element of this list.</param>
    public void Remove(scoped in TGuard guard, T element)
    {
        AssertMine(element);
        T? next = Volatile.Read(ref element.NextElement);
        Relink(element, next);
        if (next is not null)
        {
            next.PreviousElement = element.PreviousElement;
        }

        Forget(element);
        _count--;
    }

    /// <summary>Puts an element into the place of another one, in one step: readers see one of the two.</summary>
    /// <param name="guard">Of the writers' lock, held.</param>
    /// <param name="old">An element of this list.</param>
    /// <param name="element">As for <see cref="AddFirst"/>.</param>
    public void Replace(scoped in TGuard guard, T old, T element)
    {
        AssertMine(old);
        Claim(element);
        T? next = Volatile.Read(ref old.NextElement);
        element.PreviousElement = old.PreviousElement;
        Volatile.Write(ref element.NextElement, next);
        if (next is not null)
        {
            next.PreviousElement = element;
        }

        Relink(old, element);
        Forget(old);
    }

    /// <summary>For <c>foreach</c>. Inside a section of <see cref="Rcu.Read"/>, or with the writers' lock held; then the element that it stands on may be removed.</summary>
    public Enumerator GetEnumerator() => new(Volatile.Read(ref _first));

    // What led to an element leads to another one. Release, as in AddFirst.
    private void Relink(T element, T? to)
    {
        if (element.PreviousElement is { } previous)
        {
            Volatile.Write(ref previous.NextElement, to);
        }
        else
        {
            Volatile.Write(ref _first, to);
        }
    }

    private static void Forget(T element)
    {
        element.PreviousElement = null;
        element.List = null;
    }

    private void Claim(T element)
    {
        if (element.List is not null)
        {
            Panic.Now("An element is added to a list under RCU that is in one"u8);
        }

        element.List = this;
    }

    private void AssertMine(T element)
    {
        if (!ReferenceEquals(element.List, this))
        {
            Panic.Now("A list under RCU is changed at an element that is not in it"u8);
        }
    }

    /// <summary>Goes along the list. It lives on the stack, and so cannot be kept beyond the section's method.</summary>
    public ref struct Enumerator
    {
        private T? _next;

        internal Enumerator(T? first)
        {
            _next = first;
        }

        /// <summary>The element that it stands on.</summary>
        public T Current { get; private set; } = null!;

        /// <summary>Goes to the next element.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_next is not { } element)
            {
                return false;
            }

            Current = element;

            // Acquire: pairs with the release by which a writer links an element.
            _next = Volatile.Read(ref element.NextElement);
            return true;
        }
    }
}
