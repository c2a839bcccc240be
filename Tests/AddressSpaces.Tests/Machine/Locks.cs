using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking
{
    /// <summary>The kernel's lock for one thread: waiting for it would be forever, so that is an error.</summary>
    public sealed class ReaderWriterSemaphore(string name)
    {
        private int _readers;
        private bool _writer;

        public bool IsFree => _readers == 0 && !_writer;

        public WaitResult TryAcquireRead(ulong deadline)
        {
            if (_writer)
            {
                return WaitResult.TimedOut;
            }

            _readers++;
            return WaitResult.Woken;
        }

        public void AcquireRead()
        {
            if (_writer)
            {
                throw new InvalidOperationException($"{name}: read while it is written");
            }

            _readers++;
        }

        public void ReleaseRead() => _readers--;

        public ReadGuard EnterRead()
        {
            AcquireRead();
            return new ReadGuard(this);
        }

        public WriteGuard EnterWrite()
        {
            if (!IsFree)
            {
                throw new InvalidOperationException($"{name}: written while it is held");
            }

            _writer = true;
            return new WriteGuard(this);
        }

        public readonly ref struct ReadGuard(ReaderWriterSemaphore owner)
        {
            public void Dispose() => owner._readers--;
        }

        public readonly ref struct WriteGuard(ReaderWriterSemaphore owner)
        {
            public void Dispose() => owner._writer = false;
        }
    }
}

namespace CosmosKernel.Tasks.Waiting
{
    /// <summary>The kernel's mutex for one thread.</summary>
    public sealed class Mutex(string name)
    {
        private bool _held;

        public Guard Enter()
        {
            if (_held)
            {
                throw new InvalidOperationException($"{name}: taken twice");
            }

            _held = true;
            return new Guard(this);
        }

        public readonly ref struct Guard(Mutex owner)
        {
            public void Dispose() => owner._held = false;
        }
    }
}

namespace CosmosKernel.Machine.Locking
{
    /// <summary>The kernel's spin lock for one thread.</summary>
    public struct SpinLock(LockClass lockClass)
    {
        private bool _held;

        public LockClass Class { get; } = lockClass;

        [UnscopedRef]
        public Guard Enter()
        {
            if (_held)
            {
                throw new InvalidOperationException($"{Class}: taken twice");
            }

            _held = true;
            return new Guard(ref this);
        }

        public readonly ref struct Guard
        {
            private readonly ref SpinLock _owner;

            internal Guard(ref SpinLock owner) => _owner = ref owner;

            public void Dispose() => _owner._held = false;
        }
    }
}
