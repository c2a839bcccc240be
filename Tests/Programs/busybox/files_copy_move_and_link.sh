mkdir a; echo text > a/f; cp -r a b; mv b/f b/g; ls b; ln -s b/g l; cat l; rm -r a; ls
cp -p l copy; chmod 640 copy; stat -c '%A %s' copy; cp copy prog; chmod 755 prog; stat -c %a prog
mkdir -p deep/er; touch -d '2001-02-03 04:05:06' deep/er/old; ls -l --full-time deep/er | tail -n 1 | awk '{ print $6, $7 }' | cut -c 1-19
mktemp -d tmp.XXXXXX | wc -c; truncate -s 100 big; stat -c %s big; test -L l && realpath l
mount -t tmpfs none deep; ls deep | wc -l; umount deep; ls deep
df /tmp | tail -n 1 | awk '{ print $NF }'; id -u; whoami; hostname | wc -l; uname -m
