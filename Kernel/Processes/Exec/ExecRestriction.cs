namespace CosmosKernel.Processes;

/// <summary>Why a program may not get rights by its file.</summary>
public enum ExecRestriction
{
    /// <summary>It may.</summary>
    None,

    /// <summary>The mount has <c>nosuid</c>: the file's bits and capabilities do not count.</summary>
    Mount,

    /// <summary>Another process has the same root and working directory, and could change them under the program (CLONE_FS): only who may change ids anyway gets new ones.</summary>
    SharedFileSystem,

    /// <summary>The thread has given up that programs give it rights (PR_SET_NO_NEW_PRIVS).</summary>
    NoNewPrivileges,
}
