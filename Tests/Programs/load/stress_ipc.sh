# What processes talk through: UNIX sockets, System V IPC, POSIX message queues, notification.
. /tests/load/stress.inc
stress sockpair sockfd shm-sysv sem-sysv msg mq inotify lease seccomp
