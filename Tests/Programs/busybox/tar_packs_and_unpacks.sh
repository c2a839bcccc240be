mkdir -p s/sub; echo hello > s/f; seq 1 5000 > s/sub/numbers; ln -s f s/link; ln s/f s/hard; chmod 750 s/sub
tar -cf a.tar s; tar -tf a.tar | sort
mkdir out; tar -xf a.tar -C out
cmp s/sub/numbers out/s/sub/numbers && echo same
readlink out/s/link; stat -c '%a %h' out/s/sub out/s/f
tar -czf a.tar.gz s; gunzip -t a.tar.gz && echo whole; tar -xzOf a.tar.gz s/sub/numbers | tail -n 1
gzip -c s/sub/numbers | gunzip | cmp - s/sub/numbers && echo equal
md5sum < s/f
