# depmod, modprobe, insmod, lsmod, rmmod and modinfo of Debian's kmod, on the modules of Tests/LoadableModules.
folder=/lib/modules/$(uname -r)
cd "$folder" || exit
loaded() { lsmod | awk 'NR > 1 { print $1, $3, $4 }' | sort; }
touch modules.order modules.builtin modules.builtin.modinfo
depmod && ls modules.*.bin | tr '\n' ' '; echo
grep '^shapes_user.ko:' modules.dep
modprobe --show-depends shapes_user | sed "s:$folder/::"
modprobe shapes_user && loaded
rmmod shapes; echo "rmmod: $?"
modprobe shapes_user && echo "loaded already is well"
modprobe --first-time shapes_user; echo "modprobe: $?"
modprobe -r shapes_user && loaded && echo "all are gone"
insmod ./shapes_user.ko; echo "insmod: $?"
echo "options tuned times=4 word=tock" > /etc/modprobe.d/tuned.conf; echo "alias clockwork tuned" >> /etc/modprobe.d/tuned.conf
modprobe clockwork word=tack && cat /sys/module/tuned/parameters/{times,word} && modprobe -r clockwork
insmod ./tuned.ko times=6; echo "insmod: $?"
insmod ./tuned.ko fail=1; echo "insmod: $?"
echo "blacklist tuned" >> /etc/modprobe.d/tuned.conf; modprobe -b clockwork; loaded
modprobe nosuch 2>&1 | sed "s/$(uname -r)/RELEASE/"; echo "modprobe: ${PIPESTATUS[0]}"
rmmod tuned; echo "rmmod: $?"
insmod ./tuned.ko && insmod ./tuned.ko; echo "insmod: $?"; rmmod tuned
modinfo -F version tuned; modinfo -F description tuned; modinfo -F depends shapes_user; modinfo -p tuned | sort; modinfo -F vermagic tuned | cut -d ' ' -f 1 | sed "s/^$(uname -r)$/RELEASE/"
head -c 3000 simple.ko > /tmp/half.ko; insmod /tmp/half.ko; echo "insmod: $?"
for i in {1..20}; do insmod ./simple.ko && rmmod simple || break; done; echo "$i times"; loaded
