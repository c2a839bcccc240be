# Processes and threads come and go.
. /tests/load/stress.inc
stress fork vfork clone pthread wait zombie daemon kill session
