i=0; while [ $i -lt 5 ]; do i=$((i + 1)); [ $i -eq 3 ] && continue; printf '%s ' $i; done; echo
f() { local x=$1; [ $x -le 1 ] && echo 1 || echo $((x * $(f $((x - 1))))); }; f 10
case hello.c in *.h) echo header ;; *.c) echo source ;; esac
v=/a/b/c.tar.gz; echo "${v##*/} ${v%.*} ${#v}"
set -- a 'b c' d; for x in "$@"; do printf '<%s>' "$x"; done; echo " $#"
echo $(echo nested $(echo deeper)); echo `expr 3 + 4`
(cd /; pwd); pwd
unset nothing; echo "${nothing:-default}"
test -d /proc -a -r /etc/passwd && echo both
sh -c 'exit 42'; echo $?
nosuchcommand 2> /dev/null; echo $?
touch notexec; ./notexec 2> /dev/null; echo $?
