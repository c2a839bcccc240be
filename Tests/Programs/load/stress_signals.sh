# Signals of every kind, with and without queues, handlers on faults included.
. /tests/load/stress.inc
stress signal signest sigabrt sigchld sigfd sigfpe sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap
