using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>The threads that a call names by a thread, a process group or a user (getpriority(2), ioprio_get(2)): a walk while threads come and go. Task context.</summary>
public ref struct ThreadWalk
{
    private readonly UserThread? _one;
    private readonly ProcessGroup? _group;
    private readonly uint _user;
    private readonly bool _byUser;
    private Process? _process;
    private bool _begun;

    private ThreadWalk(UserThread? one, ProcessGroup? group, uint user, bool byUser)
    {
        _one = one;
        _group = group;
        _user = user;
        _byUser = byUser;
    }

    /// <summary>The thread that the walk has come to.</summary>
    public UserThread? Current { get; private set; }

    /// <summary>One thread; the caller for id 0.</summary>
    public static ThreadWalk OfThread(UserThread caller, int id) => new(id == 0 ? caller : ProcessTable.FindThread(id), null, 0, false);

    /// <summary>All threads of a process group; the caller's for id 0.</summary>
    public static ThreadWalk OfGroup(UserThread caller, int id) => new(null, id == 0 ? caller.Process.Group : ProcessTable.FindGroup(id), 0, false);

    /// <summary>All threads whose real user it is.</summary>
    public static ThreadWalk OfUser(uint user) => new(null, null, user, true);

    /// <summary>Goes on to the next thread.</summary>
    /// <returns>False when there is none.</returns>
    public bool MoveNext()
    {
        if (_one is not null)
        {
            Current = _begun ? null : _one;
            _begun = true;
            return Current is not null;
        }

        if (_group is null && !_byUser)
        {
            return false;
        }

        while (true)
        {
            // Null after the last thread of a process, and at the start.
            Current = Current is null ? null : _process!.Thread(Current);
            while (Current is null)
            {
                _process = ProcessTable.Next(_process?.Id ?? 0);
                if (_process is null)
                {
                    return false;
                }

                Current = _byUser || ReferenceEquals(_process.Group, _group) ? _process.Thread(null) : null;
            }

            if (!_byUser || ThreadScheduling.CredentialsOf(Current).UserId == _user)
            {
                return true;
            }
        }
    }
}
