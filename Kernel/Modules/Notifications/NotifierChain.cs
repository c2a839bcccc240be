using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Notifications;

/// <summary>Who wants to know of one kind of event. Handlers are called one after the other in task context, and may sleep; one that throws is reported, and the others are called.</summary>
/// <typeparam name="T">What the event is.</typeparam>
public sealed class NotifierChain<T>
{
    private readonly Mutex _lock;
    private readonly string _name;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private Link[] _links = [];

    internal NotifierChain(string name)
    {
        _name = name;
        _lock = new Mutex(name);
    }

    /// <summary>Calls all handlers, those of high priority first. Task context, with no lock that a handler could want.</summary>
    [MightSleep]
    public void Call(T notice)
    {
        foreach (Link link in Volatile.Read(ref _links))
        {
            if (!link.Gate.TryEnter())
            {
                continue;
            }

            try
            {
                link.Handler(notice);
            }
            catch (Exception exception)
            {
                ModuleFaults.Report(link.Module, $"handler of '{_name}'", exception);
            }
            finally
            {
                link.Gate.Exit();
            }
        }
    }

    /// <summary>Adds a handler.</summary>
    /// <returns>Takes it away when it is disposed of; when that returns, it runs on no CPU.</returns>
    [MightSleep]
    internal IDisposable Add(ModuleEntry module, Action<T> handler, int priority)
    {
        var link = new Link(this, module, handler, priority);
        using (_lock.Enter())
        {
            int at = 0;
            while (at < _links.Length && _links[at].Priority >= priority)
            {
                at++;
            }

            Volatile.Write(ref _links, [.. _links[..at], link, .. _links[at..]]);
        }

        return link;
    }

    [MightSleep]
    private void Remove(Link link)
    {
        using (_lock.Enter())
        {
            Volatile.Write(ref _links, Array.FindAll(_links, other => !ReferenceEquals(other, link)));
        }

        link.Gate.Close();
    }

    private sealed class Link(NotifierChain<T> chain, ModuleEntry module, Action<T> handler, int priority) : IDisposable
    {
        public ModuleEntry Module { get; } = module;

        public Action<T> Handler { get; } = handler;

        public int Priority { get; } = priority;

        public CallGate Gate { get; } = new();

        [MightSleep]
        public void Dispose() => chain.Remove(this);
    }
}
