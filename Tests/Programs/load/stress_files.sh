# Files, names, descriptors and locks.
. /tests/load/stress.inc
stress dentry dir link symlink rename open close dup fcntl flock lockf lockofd seek chmod access fstat getdent procfs null zero urandom revio readahead
