# Each program of coreutils at least once.
export TZ=UTC
printf 'b\na\nc\n' > l
[ 1 = 1 ] && test -f l && true; false || echo "false"
arch; echo "$(nproc) CPUs" | sed 's/[0-9]/N/'; uname -sm; hostid | tr 0-9a-f x; id; groups; whoami; logname 2>&1; users; who; tty; pwd
sort l; sort -rn l | tac; shuf l | sort -c 2> /dev/null; seq 3 | shuf | wc -l; uniq l; nl l; wc l; head -n 1 l; tail -n 1 l; cut -c 1 l; paste l l; join l l; comm l l 2>&1; tsort <<< 'a b b c'
for sum in b2sum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum cksum sum; do $sum l; done; sha256sum l > sums; sha256sum -c sums
base32 l; base64 l | base64 -d; basenc --base16 l; basename /a/b.c .c; dirname /a/b; realpath .; readlink -f /bin/sh; pathchk /a && mktemp -u | wc -c
cp l m; mv m n; ln l h; ln -s l s; link l h2; stat -c '%h %s %F' l; readlink s; unlink h2; rm n h; touch -d 2020-01-02T03:04:05 l; stat -c %y l; date -r l +%s; date -d @0 +%F
chmod 640 l; chown 1:2 l; chgrp 3 l; stat -c '%a %u %g' l; chroot / echo chrooted; chcon --version | head -n 1; runcon --version | head -n 1
csplit -s l 2; cat xx00; split -l 1 l part; ls part*; dd if=/dev/zero of=z bs=1k count=3 status=none; du -k z; truncate -s 100 z; stat -c %s z; sync z; sync
df --output=target / | tail -n 1; dir; vdir | wc -l; dircolors -b | head -c 9; echo; env | grep -c PATH; printenv HOME
expand <<< $'a\tb'; unexpand -a <<< '        b'; expr 6 \* 7; factor 1234567890; fmt -w 10 <<< 'one two three four'; fold -w 2 <<< abcde; numfmt --to=iec 123456; od -An -c l; pinky 2>&1 | wc -l; pr -t l; ptx l; printf '%05.1f|%q\n' 3.14159 'a b'
install -m 700 l inst; stat -c %a inst; shred -u inst; mkdir -p d/e/f; rmdir d/e/f; mkfifo pipe; stat -c %F pipe; mknod null c 1 3; stat -c '%F %t,%T' null; echo x > null
nice -n 5 nice; nohup true 2>&1; stdbuf -oL echo line; stty -a 2>&1; timeout 0.2 sleep 5; echo "$?"; tee copy < l > /dev/null; cmp l copy; tr a-z A-Z < l; sleep 0.01; yes | head -n 2; echo done
cat > fifo.txt < <(echo through a pipe); cat fifo.txt; cp -a /etc etc; diff -rq --no-dereference /etc etc && echo same; cp -al etc etc2; rm -r etc2 etc; ls -A
tail -n 1 -f l > followed & follower=$!; while ! [ -s followed ]; do sleep 0.05; done; kill $follower; wait $follower; echo "tail $?"; cat followed
