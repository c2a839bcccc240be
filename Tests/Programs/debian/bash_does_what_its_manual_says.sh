# Arrays, arithmetic, substitution, here-documents, coprocesses, process substitution, traps, jobs, descriptors.
declare -A map=([one]=1 [two]=2)
list=(a b c); list+=(d)
echo "${#list[@]} ${list[-1]} ${map[two]} $((1 << 20)) ${list[*]/b/B}"
for i in 1 2 3; do echo "job $i" & done | sort
seq 5 | while read -r n; do printf '%d ' $((n * n)); done; echo
mapfile -t lines < <(printf '%s\n' x y z); echo "${#lines[@]} ${lines[2]}"
diff <(seq 3) <(seq 4)
coproc cat; echo through >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"; exec {COPROC[1]}>&-; wait
trap 'echo trapped' USR1; kill -USR1 $$; trap - USR1
trap 'echo leaving' EXIT
(sleep 30 & kill $!; wait $!; echo "status $?")
mkfifo held; set -m; read -r < held & jobs | sed 's/ *$//'; echo > held; wait %1; echo "waited $?"; set +m
exec 5<>file; echo kept >&5; exec 5>&-; cat file
cat << END | tr a-z A-Z
here is $((2 + 3))
END
exec 6<> held; read -r -t 0.1 never <&6; echo "timed out $?"; exec 6>&-
{ bash -c 'kill -SEGV $$'; } 2> /dev/null; echo "segv $?"
bash -c 'exit 7' || echo "exit $?"
[[ abc123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[2]}"
ulimit -n 64; ulimit -n; (ulimit -v 10000; bash -c 'x=$(printf "%*s" 20000000 "")' 2> /dev/null || echo "no memory")
printf '%s\n' {1..3}{a,b} | paste -sd ' '
echo hello | { exec -a named cat; }
{ time -p true; } 2>&1 | cut -c 1-4; umask 027; : > masked; stat -c %a masked
shopt -s extglob nullglob
echo /etc/pass!(*-) | wc -w
command -v ls; hash -r; type -t cd
